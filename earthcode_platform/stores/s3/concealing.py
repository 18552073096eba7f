"""Keys of object storage are kept out of the log, whoever writes it and however much it is asked to tell."""

import logging
from collections.abc import Callable
from typing import Final

from earthcode_platform.redaction import public
from earthcode_platform.web.signing import ObjectStorage

__all__ = ["conceal"]

_TALKATIVE: Final = ("boto3", "botocore", "httpcore", "httpx", "s3transfer", "urllib3")
"""Their log shows addresses, headers and signatures, those of answers too."""
_SECRETS: Final[set[str]] = set()
_LEAST: Final = 4
"""Characters of what is cut out: shorter ones would be found in every other word."""


def conceal(storage: ObjectStorage) -> None:
    """Let no record of the libraries that speak S3 show the keys of `storage`, for as long as this process lives."""
    _SECRETS.update(one for one in (storage.key, storage.secret, storage.token) if len(one) >= _LEAST)
    made_by = logging.getLogRecordFactory()
    if not isinstance(made_by, _Concealing):
        logging.setLogRecordFactory(_Concealing(made_by))


class _Concealing:
    """Makes records as before, without keys. A filter would not do: it sees no record of the loggers below its own."""

    def __init__(self, made_by: Callable[..., logging.LogRecord]) -> None:
        self._made_by = made_by

    def __call__(self, *args: object, **kwargs: object) -> logging.LogRecord:
        record = self._made_by(*args, **kwargs)
        if record.name.partition(".")[0] in _TALKATIVE:
            text = public(record.getMessage())
            for secret in _SECRETS:
                text = text.replace(secret, "…")
            record.msg, record.args = text, None
        return record
