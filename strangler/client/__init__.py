"""What runs inside users' monoliths and services: light, Python 3.8 and newer, Django 3.2 to 6.x.

AppConfig.ready ─> registration   join the proxy's registry, beat, leave on exit
login response  ─> sticky         a cookie that names the user to the proxy, and to nobody else

A generated client, and what it calls:

order.user, prefetch_related("user") ─> references ─┐
users_client.get_user(id=1) ────────────────────────┴> service ─> budget, metrics ─> routing
    ├─ in_process ────────────────────────────────────────────────────────> the provider's function
    ├─ http ─> wire ─> network/ ═══════════> serving ─> admission ─> operations ─> the same function
    │      <─ answers, decoders                                   └─ idempotency/ (writes: once)
    └─ shadow ─> in_process, and http in the background ─> sinks ─> the comparator
propagation/: deadline, identity and trace, from a request (middleware, serving) to its calls
options: every environment variable    tasks: Celery tasks by their pinned names    checks: warnings
a provider that gives ids in place of a join ─> ids (all of them, or an error)
saga: one piece of work over several services, each step noted, undone where a later one fails
accounts: request.user, where the accounts are with another process: one call, whose are these?
columns: what severed foreign keys become ─> reference_attributes (the key, the value),
    reverse_sides (user.orders), deletions (what on_delete said)
pacts/: calls that a suite makes ─> forms, examples ─> Pact files; states for the tested provider
values <─ what comes back; `rows` lets the ORM take them for instances
failures, faults <─ what is raised: the transport's own errors; the owner's, with their meaning
"""
