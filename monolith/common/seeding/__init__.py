"""Made-up data for an empty shop, the same for the same seed.

FLOW  customers, catalogue -> orders (bundles of unsaved rows) -> insert (one transaction)

customers, catalogue and orders are pure: factory-boy builds rows, nothing is saved.
insert is the only place that writes; `manage.py seed` drives it and shows the progress.
"""
