"""Carts, checkout and orders: the app every other one is tied to.

FLOW  cart -> checkout -> order -> status changes -> shipped, cancelled or refunded

urls -> apis / pages -> selectors (reads), services and checkout (writes) -> models
"""
