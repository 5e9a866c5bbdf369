"""HTTP in front of the ledger, in two dialects: plain JSON, and enough of Stripe's shape.

JSON    POST /charges, /charges/{id}/capture, .../refunds, .../void; GET /charges, /healthz
Stripe  POST /v1/payment_intents, .../{id}/capture, .../{id}/cancel, /v1/refunds
"""

import json
import re
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from monolith.payments.fakegateway.ledger import Charge, Ledger, RefusalError

Answer = tuple[int, dict[str, Any]]

STRIPE_STATUS = {
    "authorized": "requires_capture",
    "captured": "succeeded",
    "voided": "canceled",
}


class FakeGatewayServer(ThreadingHTTPServer):
    """The fake gateway, listening; ``slow_s`` is how late ``tok_slow`` is answered."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], ledger: Ledger, *, slow_s: float = 10.0) -> None:
        super().__init__(address, Handler)
        self.ledger = ledger
        self.slow_s = slow_s

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """One request: read, act once per idempotency key, answer."""

    server: FakeGatewayServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._answer(200, {"status": "ok"})
        elif self.path == "/charges":
            charges = [charge_json(charge) for charge in self.server.ledger.charges()]
            self._answer(200, {"charges": charges})
        else:
            self._answer(404, {"code": "not_found", "message": f"No such path: {self.path}"})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        stripe_shape = self.path.startswith("/v1/")
        try:
            fields = dict(parse_qsl(raw)) if stripe_shape else json.loads(raw or "{}")
            act = self._route(fields)
            misbehave(fields, self.server.slow_s)
            status, body = self.server.ledger.once(
                self.headers.get("Idempotency-Key"),
                f"{self.path} {raw}",
                lambda: refusals_as_answers(act, stripe_shape=stripe_shape),
            )
        except RefusalError as refusal:
            status, body = refusal.status, refusal_json(refusal, stripe_shape=stripe_shape)
        except (KeyError, ValueError) as error:
            refusal = RefusalError(400, "invalid_request", f"Bad request: {error!r}")
            status, body = refusal.status, refusal_json(refusal, stripe_shape=stripe_shape)
        self._answer(status, body)

    def _route(self, fields: dict[str, Any]) -> Callable[[], Answer]:
        for pattern, act in ROUTES:
            if match := re.fullmatch(pattern, self.path):
                return lambda: act(self.server.ledger, fields, *match.groups())
        raise RefusalError(404, "not_found", f"No such path: {self.path}")

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing: tokens do not belong in a log."""


def misbehave(fields: dict[str, Any], slow_s: float) -> None:
    """Be late or fail when the token asks for it.

    Raises:
        RefusalError: 500 for ``tok_error``.
    """
    token = fields.get("token") or fields.get("payment_method")
    if token == "tok_slow":  # noqa: S105 - a test token
        time.sleep(slow_s)
    if token == "tok_error":  # noqa: S105 - a test token
        raise RefusalError(500, "gateway_error", "The gateway is out of order.")


def refusals_as_answers(act: Callable[[], Answer], *, stripe_shape: bool) -> Answer:
    try:
        return act()
    except RefusalError as refusal:
        return refusal.status, refusal_json(refusal, stripe_shape=stripe_shape)


def refusal_json(refusal: RefusalError, *, stripe_shape: bool) -> dict[str, Any]:
    if not stripe_shape:
        return {"code": refusal.code, "message": refusal.message}
    kind = {402: "card_error", 409: "idempotency_error", 500: "api_error"}
    error_type = kind.get(refusal.status, "invalid_request_error")
    return {"error": {"type": error_type, "code": refusal.code, "message": refusal.message}}


def charge_json(charge: Charge) -> dict[str, Any]:
    return {
        "id": f"ch_{charge.number}",
        "amount": charge.amount,
        "currency": charge.currency,
        "status": charge.status,
        "captured": charge.captured,
        "refunded": charge.refunded,
    }


def intent_json(charge: Charge) -> dict[str, Any]:
    return {
        "id": f"pi_{charge.number}",
        "object": "payment_intent",
        "amount": charge.amount,
        "amount_received": charge.captured,
        "currency": charge.currency,
        "capture_method": "manual",
        "status": STRIPE_STATUS[charge.status],
    }


def optional_int(fields: dict[str, Any], name: str) -> int | None:
    return int(fields[name]) if name in fields else None


def create_charge(ledger: Ledger, fields: dict[str, Any]) -> Answer:
    charge = ledger.authorize(
        amount=int(fields["amount"]), currency=fields["currency"], token=fields["token"]
    )
    return 201, charge_json(charge)


def capture_charge(ledger: Ledger, fields: dict[str, Any], number: str) -> Answer:
    return 200, charge_json(ledger.capture(int(number), optional_int(fields, "amount")))


def void_charge(ledger: Ledger, _fields: dict[str, Any], number: str) -> Answer:
    return 200, charge_json(ledger.void(int(number)))


def refund_charge(ledger: Ledger, fields: dict[str, Any], number: str) -> Answer:
    refund, charge = ledger.refund(int(number), optional_int(fields, "amount"))
    return 201, {"id": f"rf_{refund}", "charge": charge_json(charge)}


def create_intent(ledger: Ledger, fields: dict[str, Any]) -> Answer:
    charge = ledger.authorize(
        amount=int(fields["amount"]), currency=fields["currency"], token=fields["payment_method"]
    )
    return 200, intent_json(charge)


def capture_intent(ledger: Ledger, fields: dict[str, Any], number: str) -> Answer:
    return 200, intent_json(ledger.capture(int(number), optional_int(fields, "amount_to_capture")))


def cancel_intent(ledger: Ledger, _fields: dict[str, Any], number: str) -> Answer:
    return 200, intent_json(ledger.void(int(number)))


def create_stripe_refund(ledger: Ledger, fields: dict[str, Any]) -> Answer:
    intent = fields["payment_intent"]
    number = int(intent.removeprefix("pi_"))
    refund, _ = ledger.refund(number, optional_int(fields, "amount"))
    return 200, {
        "id": f"re_{refund}",
        "object": "refund",
        "amount": int(fields["amount"]) if "amount" in fields else None,
        "payment_intent": intent,
        "status": "succeeded",
    }


ROUTES: tuple[tuple[str, Callable[..., Answer]], ...] = (
    (r"/charges", create_charge),
    (r"/charges/ch_(\d+)/capture", capture_charge),
    (r"/charges/ch_(\d+)/refunds", refund_charge),
    (r"/charges/ch_(\d+)/void", void_charge),
    (r"/v1/payment_intents", create_intent),
    (r"/v1/payment_intents/pi_(\d+)/capture", capture_intent),
    (r"/v1/payment_intents/pi_(\d+)/cancel", cancel_intent),
    (r"/v1/refunds", create_stripe_refund),
)
