"""The ledger: model, provider, and the client side of it."""
