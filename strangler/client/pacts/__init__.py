"""Pacts: what a consumer's own tests ask of a service, written down and held against the service.

consumer's suite ─> recording (which calls, and of what form) ─┐
contracts/users.json ──────────────────────────────────────────┴> interactions ─> writing ─> Pact V4
provider under test <─ states (rows that an interaction needs) <─ pact's own verifier <─ Pact V4

No value that a test used or got is kept, not even in memory: a call is reduced at once to its form,
which is what was null, what was empty and which error came. Examples in a pact are made from the
contract's types. `plugin` is for pytest; writing needs pact-python, states model-bakery.
"""
