"""A payment gateway to run on your own machine: ``manage.py fake_gateway``.

FLOW  HTTP request -> server (JSON or Stripe's form fields) -> ledger (SQLite) -> answer

Tokens that misbehave: ``tok_decline`` (declined), ``tok_slow`` (answers late), ``tok_error`` (500).
"""
