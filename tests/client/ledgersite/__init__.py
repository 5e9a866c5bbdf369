"""A service that writes: entries in a ledger, on SQLite or PostgreSQL, with keys or without."""
