"""Writes that arrive twice are done once.

caller:  keys ─> Idempotency-Key: one for each call, the same over its retries
service: once ─> the key, the write and its answer in one transaction ─> the answer, again

Install it where writes are served, in the database that they write to:

    INSTALLED_APPS = [..., "strangler.client.idempotency"]
    $ python manage.py migrate
    $ python manage.py clear_idempotency_keys    # daily, as with sessions

Where it is not installed, writes are done as they come, a repetition is refused, and
`manage.py check` of a project that serves writes says so.
"""
