"""EO application packages (OGC 20-089) as documents: read, held against CWL and the best practice, their results taken.

Both engines that run packages stand on it: the one here, and the one that sends them to a provider.
"""
