"""What the code of the payments service stands in."""
