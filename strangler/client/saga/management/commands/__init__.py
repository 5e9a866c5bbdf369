"""Commands of sagas."""
