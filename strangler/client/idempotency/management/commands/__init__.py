"""Commands of the keys."""
