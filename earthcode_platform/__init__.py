"""The science and the standards of the EarthCODE platform, usable without Prefect.

Start at `earthcode_platform.models`: one type for each arrow of the lifecycle.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
