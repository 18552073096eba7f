"""How Prefect runs a step: retries, timeouts, caching and artifacts. One library function each."""
