"""Real servers that tests start from wheels and stop again, whatever happens in between."""
