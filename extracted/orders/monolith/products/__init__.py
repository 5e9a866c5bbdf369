"""The catalogue: a tree of categories, products with prices and stock, and what buyers say.

FLOW  filters -> selectors (annotated with sales and ratings) -> serializers -> list, detail, pages

urls -> apis / pages -> selectors (reads), services (writes) -> models
"""
