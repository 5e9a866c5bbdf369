"""Which context to take out first: what each costs to extract, and why.

    crossings, marked with what ran ─> score (weights) ─> Seam, cheapest first ─> report

Everything here is pure but the printing at the end.
"""
