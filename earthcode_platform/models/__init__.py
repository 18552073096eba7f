"""Frozen data, one type for each arrow of the lifecycle; none of these modules does I/O."""
