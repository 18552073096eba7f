"""Addresses that carry a signature are kept out of the log of the library that reads rasters."""

import logging
from typing import Final

from earthcode_platform.redaction import public

__all__ = ["conceal"]

_MODULES: Final = (
    "_base", "_env", "_err", "_features", "_filepath", "_fill", "_io", "_transform", "_vsiopener", "_warp", "crs",
    "env", "features", "io", "mask", "merge", "plot", "session", "shutil", "stack",
)  # fmt: skip
"""A filter sees no record of the loggers below its own, so each has one."""
_LOGGERS: Final = ("rasterio", *(f"rasterio.{name}" for name in _MODULES))


class _Concealing(logging.Filter):
    """Cuts credentials out of the addresses in a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without credentials."""
        record.msg, record.args = public(record.getMessage()), None
        return True


def conceal() -> None:
    """Let the loggers of rasterio tell addresses without credentials; once is enough."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, _Concealing) for one in logger.filters):
            logger.addFilter(_Concealing())
