"""What the project's own test suite does to tables, line by line, seen while it runs.

    run (COMMAND with inject/ on PYTHONPATH) ─> recorder, inside the project's processes
        ─> PID-N.jsonl ─> collect (statements: which function and statement a line is in)
        ─> records.Trace (trace.json) ─> access: lines that reach another context's table
        ─> merge with the static crossings: static, runtime or both

recorder.py and inject/ run under the project's interpreter and import nothing of codemods.
"""
