"""Pairs of responses: what the monolith answered, what the service would have answered.

FLOW a pair:

    capture    capture_grpc (assemble)   Envoy's stream -> Exchange, control's Observation
               replay (candidate)        asks the candidate, and the control once more -> Pair
               seam (seam_serve)         a client's operation, answered by both sides -> Pair
    normalise  bodies/ headers           what a client would see of each side
    compare    compare (align)           (control, candidate, Rules) -> Differences by path    pure
    noise      noise                     where the control differs from itself                 pure
    verdict    judge (normalisers/)      Pair, Rules, noise -> matched, ignored or mismatched  pure
    publish    redact -> store           counts for ever, the newest pairs of each path
               rollup -> report          by route and path, newest example first

`service` ties them together, `serve` is that as a process. `pytest_plugin` and `har` bring the
same comparison to recorded traffic in a project's tests.
"""
