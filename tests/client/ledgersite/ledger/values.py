"""No values: the operations give numbers and dictionaries."""
