"""Database migrations of the orders app."""
