"""The table of sagas."""
