"""What the openEO client raises, told as errors of the platform: without a secret, and without the client's objects."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.engines.provider.rights import NotAllowedError
from earthcode_platform.errors import EarthCodeError, ExecutionError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earthcode_platform.engines.provider.redacting import Secrets
    from earthcode_platform.engines.remote_openeo.backend import Backend

__all__ = ["translated"]

_NOT_US: Final = (401, 403)
_RENEWABLE: Final = ("TokenInvalid", "TokenExpired", "AuthenticationRequired")
"""Codes of openEO for a token that another one may replace."""
_NO_MONEY: Final = 402
_SERVER_ERROR: Final = 500


@contextmanager
def translated(backend: Backend, secrets: Secrets) -> Iterator[None]:
    """Turn what the client raises into errors of the platform, without a secret and without the client's objects."""
    from openeo import BaseOpenEoException
    from openeo.rest import OpenEoApiPlainError
    from requests import JSONDecodeError, RequestException

    try:
        yield
    except EarthCodeError:
        raise
    except OpenEoApiPlainError as error:
        raise _refused(error, backend, secrets) from None
    except (JSONDecodeError, ValueError, LookupError, TypeError, AttributeError, RuntimeError) as error:
        raise ExecutionError(
            f"its answer is not as the openEO API describes it ({type(error).__name__}: {secrets.shown(error)}).",
            where=backend.url,
            remedy="Tell its provider.",
        ) from None
    except RequestException as error:
        raise UnavailableError(
            f"the back-end does not answer ({secrets.shown(error)}).", where=backend.url, remedy="Try again later."
        ) from None
    except BaseOpenEoException as error:
        raise ExecutionError(f"{secrets.shown(error).rstrip('.')}.", where=backend.url) from None


def _refused(error: Any, backend: Backend, secrets: Secrets) -> EarthCodeError:  # noqa: ANN401 - the client has no types
    status, code = int(error.http_status_code or 0), str(getattr(error, "code", "") or "")
    said = f"{code or status}: {secrets.shown(error.message).rstrip('.')}."
    if status in _NOT_US or code in _RENEWABLE:
        return NotAllowedError(
            f"the back-end does not let us in ({said})",
            where=backend.url,
            remedy="Renew the credentials in the block of the back-end, or ask its provider for the right to use it.",
        )
    if status >= _SERVER_ERROR:
        return UnavailableError(
            f"the back-end has trouble ({said})", where=backend.url, remedy="Try again later, or ask its provider."
        )
    remedy = "Raise the budget, or top up the account." if status == _NO_MONEY else ""
    return ExecutionError(f"the back-end refuses ({said})", where=backend.url, remedy=remedy)
