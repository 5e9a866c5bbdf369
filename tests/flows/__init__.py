"""End to end: several real processes, one flow from its beginning to its end."""
