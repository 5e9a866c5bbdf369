"""What every app's API shares.

FLOW  a view raises or returns -> errors (one shape) | pagination | etags -> the response

health answers the proxy's probes; seeding fills an empty shop with made-up data.
"""
