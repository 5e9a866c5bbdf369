"""The reference monolith: a shop whose apps are coupled the way real ones are.

FLOW  a request:  config.urls -> app urls -> apis / pages -> selectors (reads), services (writes)

users     who buys: accounts, profiles, addresses, sessions and tokens
products  what is sold: categories, prices, stock, reviews
orders    what was bought: carts, checkout, orders and their history
payments  what was paid: methods, captures, refunds, the gateway
audit     who did what to which object
common    what every app's API shares: error shape, pagination, ETags, health, the seed
config    settings, root URLs, WSGI and ASGI entry points, the Celery app
"""
