"""Who asks: the monolith keeps the accounts, so the service asks it who a credential belongs to.

FLOW  Authorization: Token ... | session cookie -> cache -> the monolith's /api/users/me/ -> Visitor
"""
