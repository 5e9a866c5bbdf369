"""Who did what to which object: an append-only log that can point at any model.

FLOW  services of every app -> record() -> AuditEntry -> admin and the order history
"""
