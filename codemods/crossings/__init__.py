"""Where one context's code touches another's data: FLOW a source file.

    discover ─> reader (parse) ─> infer (types) ─> findings (crossings, classified) ─> survey
                    ▲                  │                                             ▲    │
                    └──── rounds ◀─── facts                  templates, migrations ──┘    │
                                                                                          ▼
                                                             ledger, kept, report (text, SARIF, ...)

`survey.survey` runs it. Files tell each other facts in rounds, over several processes, until no
file learns anything new; what a round told decides which files are read again.
"""
