"""The Envoy engine against the real Envoy and real backends."""
