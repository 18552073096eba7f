"""openEO process graphs on a provider's back-end, through the openEO client library (openEO API 1.x)."""
