"""What the service's API shares: errors in one shape, pages, health probes."""
