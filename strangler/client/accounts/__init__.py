"""Who asks, where the accounts live with another process.

request with a session cookie or a token, at a service
    ─> middleware, drf ─> asking: one call `whoami`, kept for a moment ═ network ═>
       provider: the owner's own middleware and authenticators, on the forwarded credentials
    <─ request.user: the client's value, with what Django asks of a user

The owner of the accounts (the monolith, until they leave it) serves the provider:

    path("internal/accounts/", include(serving.urls("strangler.client.accounts.provider")))
    STRANGLER_ACCOUNTS_PROVIDER = "shop.users.provider"

and a service, in its settings and its environment:

    STRANGLER_ACCOUNTS = {"client": "shop.clients.users_client", "model": "users.User"}
    MIDDLEWARE: "strangler.client.accounts.middleware.AccountsMiddleware", for Django's
        SessionMiddleware and AuthenticationMiddleware
    REST_FRAMEWORK: "strangler.client.accounts.drf.AccountAuthentication"
    ACCOUNTS_CLIENT_TRANSPORT=http, ACCOUNTS_CLIENT_URL, ACCOUNTS_CLIENT_TOKEN

Nothing that a request claims about its user is believed: only the owner's answer counts.
"""
