"""Signal receivers of the orders app."""
