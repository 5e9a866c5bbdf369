"""Lift a service out: a Django project that runs alone, made from the monolith's own code.

    prepared (every service rewritten and severed, in a copy) ─> closure (moved, copied, left,
    blockers) ─> probed (URL tree, settings) ─> facts ─> glue (settings, urls, ...), migrations
        ─> lock + merge (three ways, with what people edited) ─> report, or write (journal)

`facts.ServiceFacts` is all that glue may know. Moved code keeps its dotted names, so it stays
byte-identical to what `codemods rewrite` made of it, and nothing in a service imports the monolith.
"""
