"""Tables of other services that a service holds a copy of, to read and to join.

    STRANGLER_REPLICAS = ["orders.Order"]
    INSTALLED_APPS = ["strangler.client.replicas", ..., "shop.orders"]     # first: before any model
    DATABASE_ROUTERS = ["strangler.client.replicas.router.ReplicaRouter"]

the owner's database ─> copying (one state of it, by column name) ─> own tables and replicas
    ─> queries join them as they stood ─> router refuses to write one through the ORM

A copy is behind its owner by as much as its last copying: what has to be true now is asked of the
owner's client. Rows come in any order, so no key into a copied table is a constraint (`loosen`).
"""
