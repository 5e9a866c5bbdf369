"""Management code of the payments app."""
