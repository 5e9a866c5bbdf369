"""The ledger as a server of its own."""

from strangler.client import serving

application = serving.application("tests.client.ledgersite.ledger.provider")
