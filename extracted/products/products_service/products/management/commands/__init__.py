"""`import_products` copies the catalogue out of the monolith's database."""
