"""The catalogue: categories, products, stock, prices and reviews."""
