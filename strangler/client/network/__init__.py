"""Between an operation and its answer over the network: when to send, how often, how long to wait.

cache ─> breaker ─> attempts ─> clocked connection ═ network
            ↑          │ again? retries: may it run twice, is there budget, is there time
            └─ outcome ┘

Everything here is of one process; processes do not tell each other what they learn.
"""
