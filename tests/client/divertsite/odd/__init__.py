"""A service with every type that travels, and with all that can go wrong."""
