"""What goes along with a call down the chain: how long it may take, who acts, which trace it is.

request ─> received (deadline, identity, tracing ─> the context) ─> view, provider
                                                                        └─ call ─> sent ─> headers

The context is `contextvars`: of a thread or an asyncio task, and copied into threads that Django
starts for sync code.
"""
