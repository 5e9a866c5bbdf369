"""The users service in a second stack: FastAPI and SQLAlchemy behind the contract of `../users`.

request ─> gate (token, identity, deadline, size) ─> serving: arguments by the function's signature
        ─> (a write with a key: once) ─> operations ─> values ─> JSON
        ─> public: what customers and staff read of accounts, by token

Tables and columns have the names that the monolith gave them, and keys of writes are kept in the
same table in the same form, so this service and the Django one may answer side by side from one
database. It knows nothing of Django, and nothing of the framework.
"""
