"""A service that is not there, for tests of its callers: rows and answers in memory.

contracts/users.json ─> contract ─> fake: rows by model ─> operations by their recorded kind
    matching: lookups, as the ORM has them    choosing: order, pages, distinct rows
    making: the client's values               writing: rows that operations change
services: all fakes of a test, reset after each ─> plugin (pytest), cases (Django's runner)
factories: factory-boy factories of the client's values ─> rows of the fake
signing_in: `client.force_login(value)`, where the accounts are kept elsewhere

    def test_the_letter_names_the_customer(strangler_services):
        ada = strangler_services.users.add("users.User", email="ada@shop.test", is_active=True)
        assert letter_for(Order(user=ada)).startswith("Dear ada@shop.test")

Nothing is asked of a database or a network, and nothing is guessed: what the contract and the rows
do not tell raises UnansweredError, which names what to add.
"""
