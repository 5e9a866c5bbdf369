"""One piece of work over several services: all of it is done, or what was done is undone.

What was one transaction in the monolith becomes steps, each a transaction of one service, each with
the step that takes it back:

    CHECKOUT = Saga("checkout", [
        Step("stock", take_stock, put_back),          # undone in reverse when a later step fails
        Step("payment", authorize, void),
        Step("order", place, is_local=True, pivot=True),  # once done there is no way back:
        Step("points", give_points),                  # tried until it succeeds
    ])

    answer = CHECKOUT.run(key=f"cart-{cart.pk}", data={"cart": cart.pk})    # in no transaction

definition: Saga, Step ─> running: each step is noted, done, noted ─> SagaRun, a row of the caller
    process dies anywhere ─> `manage.py resume_sagas` goes on from the note

A step gets the run's data (JSON), and may return more of it. It is called again when it is not
known whether it was done: writes over a client are then not done twice (`idempotency.keys`), and
what it does on its own database it does by the keys in the data. The undoing step is called even
where the step may not have been done, and leaves alone what is not there.

Install it in the service that begins the work:

    INSTALLED_APPS = [..., "strangler.client.saga"]
    $ python manage.py migrate
    $ python manage.py resume_sagas               # every minute

Garcia-Molina and Salem, Sagas, 1987: https://doi.org/10.1145/38713.38742
"""
