"""Payment gateways behind one small interface.

FLOW  services -> get_gateway() -> base.PaymentGateway -> fake (local process) or stripe

Settings: PAYMENT_GATEWAY ("fake" or "stripe"), PAYMENT_GATEWAY_TIMEOUT_S, FAKE_GATEWAY_URL,
STRIPE_API_KEY, STRIPE_API_BASE.
"""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from monolith.payments.gateways.base import PaymentGateway
from monolith.payments.gateways.fake import FakeGateway
from monolith.payments.gateways.stripe import StripeGateway

STRIPE_URL = "https://api.stripe.com"
DEFAULT_TIMEOUT_S = 5.0


def get_gateway() -> PaymentGateway:
    """Return the gateway that the settings name.

    Raises:
        ImproperlyConfigured: PAYMENT_GATEWAY is neither "fake" nor "stripe".
    """
    kind = settings.PAYMENT_GATEWAY
    timeout_s = getattr(settings, "PAYMENT_GATEWAY_TIMEOUT_S", DEFAULT_TIMEOUT_S)
    if kind == "fake":
        return FakeGateway(base_url=settings.FAKE_GATEWAY_URL, timeout_s=timeout_s)
    if kind == "stripe":
        return StripeGateway(
            api_key=settings.STRIPE_API_KEY,
            base_url=getattr(settings, "STRIPE_API_BASE", STRIPE_URL),
            timeout_s=timeout_s,
        )
    raise ImproperlyConfigured(f'PAYMENT_GATEWAY is {kind!r}; allowed: "fake", "stripe"')
