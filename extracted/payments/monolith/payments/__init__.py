"""Payment methods, payments and refunds, behind a small gateway interface.

FLOW  method -> authorize (at checkout) -> capture -> refund or void

urls -> apis -> selectors (reads), services (writes) -> gateways (money) and models (record)
"""
