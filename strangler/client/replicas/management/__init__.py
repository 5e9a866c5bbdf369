"""Commands of replicas."""
