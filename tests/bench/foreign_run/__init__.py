"""What `foreign.py` does to one checkout, in the order it does it.

    workplace: copies, interpreter, environment ─> suite: the project's own tests under the tracer
        ─> evidence: map and trace joined ─> speed: map, cold and warm, beside the anchor
        ─> per service, seam: rewrite, rewrite again, tests under the tracer, compare
        ─> sites (pure): which read sites are gone, which are listed ─> report: table and JSON

`inject` runs inside the project's own processes and notes how each test ended.
"""
