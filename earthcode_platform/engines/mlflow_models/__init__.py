"""MLflow models: read without being loaded, checked against their inputs, and applied in a process of their own."""
