"""Signal receivers of the payments app."""
