"""From crossings to changed files: FLOW a source file, its second half.

survey ─> files (types of every expression) ─> transforms propose ─> plan (which, contract)
    ─> apply (libcst) ─> diff, check or write ─> survey again: what is left is listed
"""
