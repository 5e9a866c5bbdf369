"""The tables of a store of compared pairs; everything in them is redacted."""

from __future__ import annotations

SCHEMA_VERSION = 1

TABLES = """
-- Counters are kept for ever, by minute and after a day by hour.
-- name: pairs, matched, ignored, mismatched, or why a request made no pair ("refused: ...").
CREATE TABLE counts (
    minute INTEGER NOT NULL, route TEXT NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (minute, route, name)
) WITHOUT ROWID;

-- reason: empty where the difference counts, else what excused it.
CREATE TABLE place_counts (
    minute INTEGER NOT NULL, route TEXT NOT NULL, pattern TEXT NOT NULL, kind TEXT NOT NULL,
    reason TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (minute, route, pattern, kind, reason)
) WITHOUT ROWID;

-- What noise is learned from: pairs whose control was asked twice.
CREATE TABLE noise (
    route TEXT NOT NULL, pattern TEXT NOT NULL, kind TEXT NOT NULL,
    raw INTEGER NOT NULL, noise INTEGER NOT NULL,
    PRIMARY KEY (route, pattern, kind)
) WITHOUT ROWID;

CREATE TABLE pairs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, route TEXT NOT NULL,
    outcome TEXT NOT NULL, record TEXT NOT NULL
);

-- Where a kept pair differs; a matched pair has one row with an empty pattern.
CREATE TABLE examples (
    route TEXT NOT NULL, pattern TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL,
    pair_id INTEGER NOT NULL REFERENCES pairs (id) ON DELETE CASCADE,
    path TEXT NOT NULL, control TEXT NOT NULL, candidate TEXT NOT NULL,
    PRIMARY KEY (route, pattern, kind, reason, pair_id)
) WITHOUT ROWID;
CREATE INDEX examples_by_pair ON examples (pair_id);
"""
