"""Pairs of responses: what the monolith answered, what the service would have answered.

FLOW a pair:

    capture_grpc   Envoy's ext_proc stream      -> (Exchange, control Observation)
    replay         exchange -> candidate, and the control once more
    normalise      bodies/ headers              -> what a client would see of each side
    compare        (control, candidate, rules)  -> differences by path            pure
      align          lists; normalisers/ say which differences mean the same
    noise          control against itself       -> which paths differ on their own pure
    judge          differences, noise, ignores  -> Verdict                        pure
    redact         credentials and personal data -> placeholders
    store          verdicts -> SQLite           report reads it back by route and path

`serve` ties them together in a process of its own; `pytest_plugin` and `har` bring the same
comparison to recorded traffic in a project's tests.
"""
