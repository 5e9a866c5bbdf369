"""What the monolith is, told by the monolith itself.

    sources.find_settings ─> probe.py, inside/ (under the monolith's own interpreter) ─> JSON
        ─> graph.Graph (frozen)  ─┐
    contexts.toml ─> contexts ────┴─> which context owns each app, model, table and file

`load.load_graph` runs the flow and keeps its answer by the digest of the sources it came from,
while the `environment` (interpreter, installed packages, variables and files read) is as it was.
"""
