"""What a store that speaks S3 answers, as an error of the tree.

The codes are those of the Amazon S3 API reference, "Error responses".
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from obstore.exceptions import BaseError

from earthcode_platform.errors import EarthCodeError, InputError, UnavailableError

__all__ = ["Answer", "MissingKeyError", "answered", "explained"]

_MISSING: Final = frozenset({"NoSuchKey", "404", "NotFound"})
"""What is answered for an object that is not there."""
_CODE: Final = re.compile(r"<Code>(?P<code>\w+)</Code>")
_STATUS: Final = re.compile(r"status code: (?P<status>\d{3})")
_REASON: Final = re.compile(r"HTTP error: (?P<reason>[^\n]+)")
_KEYS: Final = "Mend the key and the secret of the results store's block; do they belong to this endpoint?"
_SKEWED: Final = "RequestTimeTooSkewed"
_FOR_GOOD: Final = {
    "NoSuchBucket": ("there is no such bucket", "Create it, or mend its name in the results store's block."),
    "InvalidBucketName": ("this is no name of a bucket", "Mend it in the results store's block."),
    "AccessDenied": (
        "it does not let us do this",
        "Give the key the right to list, read, write and delete below the prefix; is the store read-only?",
    ),
    "AllAccessDisabled": ("it lets nobody do this", "Ask the provider, or choose another store."),
    "RequestExpired": ("our request is too old by its clock", "Set the clock of this machine."),
    "MethodNotAllowed": ("it takes no such requests; it may be read-only", "Choose another store."),
    "SignatureDoesNotMatch": ("it does not accept our signature", _KEYS),
    "InvalidAccessKeyId": ("it does not know our key", _KEYS),
    "InvalidToken": ("it does not accept our session token", "Save a new one in the results store's block."),
    "ExpiredToken": ("our session token ran out", "Save a new one in the results store's block."),
    "InvalidSecurity": ("it does not accept our keys", _KEYS),
    "401": ("it does not accept our keys", _KEYS),
    "403": ("it does not let us do this", _KEYS),
    _SKEWED: (
        "its clock and ours are more than a quarter of an hour apart",
        "Set the clock of this machine; a signature holds for a short while only.",
    ),
    "AuthorizationHeaderMalformed": ("it is in another region", "Name its region in the results store's block."),
    "PermanentRedirect": ("the bucket has another endpoint", "Name it in the results store's block."),
}
"""Codes after which another try would end the same: what is wrong, and what to do."""
_APART: Final = timedelta(minutes=15)
"""How far two clocks may be apart (AWS Signature Version 4)."""
_WITHOUT_REASON: Final = frozenset({"InternalError", "500", "NoSuchUpload"})
"""A server that cannot write says no more than this; the last, when asked again to complete an upload."""
_FULL: Final = frozenset({"InsufficientStorage", "XMinioStorageFull", "QuotaExceeded", "EntityTooLarge", "507"})


class MissingKeyError(InputError):
    """There is no object of that name."""


class Answer(NamedTuple):
    """Why a request failed."""

    code: str
    """Code of the answer, its status if it has no code; empty if no answer came."""
    told: str
    """The reason in a few words."""


def answered(error: BaseException) -> Answer:
    """Return what the store answered, from an exception of either client."""
    if isinstance(error, ClientError):
        said = error.response.get("Error", {})
        code = str(said.get("Code", ""))
        return Answer(code, str(said.get("Message") or code)[:200])
    text = str(error)
    if found := _CODE.search(text):
        return Answer(found["code"], found["code"])
    if found := _STATUS.search(text):
        return Answer(found["status"], f"status {found['status']}")
    if found := _REASON.search(text):
        return Answer("", found["reason"])
    return Answer("", type(error).__name__)


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Turn what either client raises into an error of the tree.

    Args:
        where: What was asked for, as `s3://bucket/key`.

    Raises:
        InputError: Another try would end the same.
        UnavailableError: The store did not answer, or not as it should.
    """
    try:
        yield
    except (ClientError, BotoCoreError, BaseError, FileNotFoundError, ConnectionError, TimeoutError) as error:
        raise _error(error, where) from None


def _skewed(error: BaseException) -> bool:
    """Tell whether the clock of the store and ours are too far apart: some stores say only that they refuse."""
    headers = (
        error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}) if isinstance(error, ClientError) else {}
    )
    told = str(headers.get("date", ""))
    try:
        return bool(told) and abs(parsedate_to_datetime(told) - _now()) > _APART
    except ValueError:
        return False


def _now() -> datetime:
    return datetime.now(UTC)


def _error(error: BaseException, where: str) -> EarthCodeError:
    code, told = answered(error)
    if code in _FOR_GOOD:
        wrong, remedy = _FOR_GOOD[_SKEWED if _skewed(error) else code]
        return InputError(f"the results store refuses: {wrong} ({code}).", where=where, remedy=remedy)
    if code in _MISSING:
        return MissingKeyError("there is no such file in the store.", where=where)
    if code in _FULL:
        return UnavailableError(
            f"the results store is full ({code}).", where=where, remedy="Free some space, or choose another store."
        )
    if isinstance(error, FileNotFoundError) and not code:
        # A local file that went away, not an answer of the store.
        return InputError(f"it cannot be read: {error.strerror or error}.", where=str(error.filename or where))
    remedy = "What was stored stays; run it again to go on."
    if code in _WITHOUT_REASON:
        remedy += " If it fails again, look at its own log: its disk may be full or read-only."
    return UnavailableError(f"the results store failed: {told.rstrip('.')}.", where=where, remedy=remedy)
