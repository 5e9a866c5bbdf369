"""The fake gateway's books: charges, refunds and answers given, in one SQLite file."""

import json
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS charge (
  id INTEGER PRIMARY KEY AUTOINCREMENT, amount INTEGER NOT NULL, currency TEXT NOT NULL,
  token TEXT NOT NULL, status TEXT NOT NULL, captured INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS refund (
  id INTEGER PRIMARY KEY AUTOINCREMENT, charge_id INTEGER NOT NULL REFERENCES charge,
  amount INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS answer (
  key TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL);
"""


class RefusalError(Exception):
    """The books forbid it; ``status`` is the HTTP status to answer with."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Charge:
    """A charge as the books hold it; amounts in cents."""

    number: int
    amount: int
    currency: str
    token: str
    status: str
    captured: int
    refunded: int


class Ledger:
    """Charges and refunds behind one lock, so that every step is all or nothing."""

    def __init__(self, path: Path | None = None) -> None:
        self._db = sqlite3.connect(str(path) if path else ":memory:", check_same_thread=False)
        self._db.executescript(SCHEMA)
        self._lock = threading.RLock()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def once(
        self, key: str | None, request: str, act: Callable[[], tuple[int, dict[str, Any]]]
    ) -> tuple[int, dict[str, Any]]:
        """Run ``act`` once per idempotency key and repeat its answer; errors 5xx are not kept.

        Raises:
            RefusalError: 409 ``idempotency_key_reused`` when the key came with another request.
        """
        with self._lock, self._db:
            if key is None:
                return act()
            known = self._db.execute(
                "SELECT request, status, body FROM answer WHERE key = ?", [key]
            ).fetchone()
            if known and known[0] != request:
                raise RefusalError(
                    409, "idempotency_key_reused", f"Key {key!r} was used for another request."
                )
            if known:
                return known[1], json.loads(known[2])
            status, body = act()
            self._db.execute(
                "INSERT INTO answer VALUES (?, ?, ?, ?)", [key, request, status, json.dumps(body)]
            )
            return status, body

    def authorize(self, *, amount: int, currency: str, token: str) -> Charge:
        if amount <= 0:
            raise RefusalError(400, "invalid_amount", f"Amount {amount} must be more than 0.")
        if token == "tok_decline":  # noqa: S105 - a test token
            raise RefusalError(402, "card_declined", "Your card was declined.")
        number = self._db.execute(
            "INSERT INTO charge (amount, currency, token, status) VALUES (?, ?, ?, 'authorized')",
            [amount, currency, token],
        ).lastrowid
        return self.charge(number or 0)

    def capture(self, number: int, amount: int | None = None) -> Charge:
        charge = self.charge(number)
        amount = charge.amount if amount is None else amount
        if charge.status != "authorized":
            raise RefusalError(400, "invalid_state", f"A charge that is {charge.status} stays so.")
        if not 0 < amount <= charge.amount:
            raise RefusalError(
                400, "invalid_amount", f"Amount {amount} is not in 1..{charge.amount}."
            )
        self._db.execute(
            "UPDATE charge SET status = 'captured', captured = ? WHERE id = ?", [amount, number]
        )
        return self.charge(number)

    def void(self, number: int) -> Charge:
        charge = self.charge(number)
        if charge.status != "authorized":
            raise RefusalError(400, "invalid_state", f"A charge that is {charge.status} stays so.")
        self._db.execute("UPDATE charge SET status = 'voided' WHERE id = ?", [number])
        return self.charge(number)

    def refund(self, number: int, amount: int | None = None) -> tuple[int, Charge]:
        """Book a refund; return its number and the charge after it."""
        charge = self.charge(number)
        left = charge.captured - charge.refunded
        amount = left if amount is None else amount
        if not 0 < amount <= left:
            raise RefusalError(400, "invalid_amount", f"Amount {amount} is not in 1..{left}.")
        refund = self._db.execute(
            "INSERT INTO refund (charge_id, amount) VALUES (?, ?)", [number, amount]
        ).lastrowid
        return refund or 0, self.charge(number)

    def charge(self, number: int) -> Charge:
        with self._lock:
            row = self._db.execute(
                "SELECT id, amount, currency, token, status, captured, (SELECT"
                " coalesce(sum(amount), 0) FROM refund WHERE charge_id = charge.id)"
                " FROM charge WHERE id = ?",
                [number],
            ).fetchone()
        if row is None:
            raise RefusalError(404, "not_found", f"There is no charge {number}.")
        return Charge(*row)

    def charges(self) -> list[Charge]:
        with self._lock:
            numbers = self._db.execute("SELECT id FROM charge ORDER BY id").fetchall()
            return [self.charge(number) for (number,) in numbers]
