"""What the code of the orders service stands in."""
