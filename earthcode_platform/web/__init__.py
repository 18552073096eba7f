"""Asking the web: only public addresses, never without an end, and politely."""
