"""From crossings to changed files: FLOW a source file, its second half.

    monolith (survey, types) ─> diverting (which relations) ─> transforms propose
        ─> plan (what goes together) ─> apply (libcst, imports, unused)
        ─> generated (contract, client, provider) ─> monolith, surveyed again
        ─> severing (which relations only ids need) ─> severed_texts (columns, migrations)
        ─> outcome (rewritten, batched, listed), follow_ups, saga
        ─> report, or formatting, texts (bytes) ─> write (journal)

`flow.rewrite` runs it up to the bytes and changes nothing; `cli` asks, shows and writes. `calls`
and `exports` look up who uses what; `worktree` asks git what it could not give back.
"""
