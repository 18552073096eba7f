"""CWL packages on a provider that offers OGC API - Processes (OGC 18-062r2, and 20-044 for deploying)."""
