"""What the code of the users service stands in."""
