"""What the code of the products service stands in."""
