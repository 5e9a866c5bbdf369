"""Accounts: who buys, how they prove it, where their parcels go.

FLOW  register -> log in (session or token) -> profile, addresses -> the account page

urls -> apis / pages -> selectors (reads), services (writes) -> models
"""
