"""The client of the fake gateway process (``manage.py fake_gateway``)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import requests

from monolith.payments.gateways.base import (
    GatewayUnavailableError,
    PaymentDeclinedError,
    to_minor_units,
)


@dataclass(frozen=True)
class FakeGateway:
    """Speaks the fake gateway's JSON over HTTP; ``timeout_s`` bounds connecting and each read."""

    base_url: str
    timeout_s: float

    def authorize(self, *, amount: Decimal, currency: str, token: str, idempotency_key: str) -> str:
        charge = self._post(
            "/charges",
            {"amount": to_minor_units(amount), "currency": currency, "token": token},
            idempotency_key,
        )
        return str(charge["id"])

    def capture(self, *, reference: str, amount: Decimal, idempotency_key: str) -> None:
        self._post(
            f"/charges/{reference}/capture", {"amount": to_minor_units(amount)}, idempotency_key
        )

    def refund(self, *, reference: str, amount: Decimal, idempotency_key: str) -> str:
        refund = self._post(
            f"/charges/{reference}/refunds", {"amount": to_minor_units(amount)}, idempotency_key
        )
        return str(refund["id"])

    def void(self, *, reference: str, idempotency_key: str) -> None:
        self._post(f"/charges/{reference}/void", {}, idempotency_key)

    def _post(self, path: str, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        try:
            response = requests.post(
                f"{self.base_url}{path}",
                json=body,
                headers={"Idempotency-Key": idempotency_key},
                timeout=self.timeout_s,
            )
            answer = response.json()
        except requests.RequestException as error:
            raise GatewayUnavailableError(f"payment gateway at {self.base_url}: {error}") from error
        if not isinstance(answer, dict) or response.status_code >= 500:
            raise GatewayUnavailableError(
                f"payment gateway at {self.base_url} answered {response.status_code}"
            )
        if response.status_code >= 400:
            raise PaymentDeclinedError(
                answer.get("message", "The payment was declined."),
                code=answer.get("code", "declined"),
            )
        return answer
