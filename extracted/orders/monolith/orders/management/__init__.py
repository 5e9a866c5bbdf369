"""Management code of the orders app."""
