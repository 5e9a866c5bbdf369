"""What runs inside the project's own processes; nothing here may disturb them.

    watches (CursorWrapper.execute, Atomic, SyncToAsync) ─> sql: which tables, cached by text
        ─> frames: which line of the project asked ─> recorder: counted, appended to PID-N.jsonl

Loaded by inject/sitecustomize.py under the project's interpreter as `_codemods_inside`, so
Python 3.6, Django 2.2 and the standard library are all that may be used.
"""
