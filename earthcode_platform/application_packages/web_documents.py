"""Documents of the web that a package imports: found, fetched once where that is allowed, and named by checksum.

Schemas, ontologies and shared types; never tools, which would be programs that nobody pinned.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from earthcode_platform import checksums
from earthcode_platform.application_packages.bounded import is_bounded
from earthcode_platform.application_packages.loading import Confined
from earthcode_platform.cubes.atomic import replacing
from earthcode_platform.errors import InputError
from earthcode_platform.web.asking import Web
from earthcode_platform.web.fetching import FetchLimits, fetch
from earthcode_platform.web.reach import Reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from earthcode_platform.application_packages.document import Package

__all__ = ["fetch_documents", "used_documents"]

_MOST: Final = 50
"""How many documents one package may have fetched."""
_LIMITS: Final = FetchLimits(size=5_000_000, seconds=30.0)
_WEB: Final = ("http", "https")


def fetch_documents(
    package: Package, folders: Sequence[Path], cache: Path, allowed: frozenset[str] = frozenset()
) -> None:
    """Fetch the documents of the web that a package imports, and those that they import, into `cache`.

    What one of the folders holds, or the folder `schemas` of the package, is not asked for again.

    Args:
        package: The package.
        folders: Folders with documents of the web, as `<host>/<path>`.
        cache: The one among them that documents are fetched into.
        allowed: Hosts, as `host` or `host:port`, that may be asked although they are not on the public internet.

    Raises:
        InputError: An address cannot be kept by its path, or must not be asked; or there are too many.
        UnavailableError: A document cannot be had now.
    """
    waiting, seen = list(_imported(package)), set[str]()
    with Web(Reach(allowed)) as web:
        while waiting:
            url = waiting.pop(0)
            if url in seen:
                continue
            seen.add(url)
            if len(seen) > _MOST:
                raise InputError(
                    f"the package imports more than {_MOST} documents of the web.",
                    where=package.entry.name,
                    remedy="Put them into its folder 'schemas'.",
                )
            path = _held(package, folders, url) or _fetched(web, url, cache)
            waiting += _further(path, url)


def used_documents(package: Package, folders: Sequence[Path]) -> dict[str, str]:
    """Return the documents of the web that a package imports itself, by address, with the checksums of their copies."""
    held = {url: _held(package, folders, url) for url in _imported(package)}
    return {url: checksums.of_file(path) for url, path in held.items() if path is not None}


def _held(package: Package, folders: Sequence[Path], url: str) -> Path | None:
    try:
        return Confined(package.folder, tuple(folders)).path(url)
    except ValueError:
        return None


def _fetched(web: Web, url: str, cache: Path) -> Path:
    parts = urlsplit(url)
    target = (cache / (parts.hostname or "") / unquote(parts.path).lstrip("/")).resolve()
    if parts.query or not parts.hostname or not target.is_relative_to(cache.resolve() / parts.hostname):
        raise InputError(
            f"the package imports {url!r}, which cannot be kept by its path.",
            where="imports",
            remedy="Put a copy into the package, and import that.",
        )
    content = fetch(web, url, _LIMITS).content or b""
    with replacing(target) as part:
        part.write_bytes(content)
    return target


def _imported(package: Package) -> dict[str, None]:
    """Return the addresses that the documents of a package import, in their order."""
    return dict.fromkeys(url for content in package.contents for url in _addresses(content, ""))


def _further(path: Path, base: str) -> list[str]:
    """Return the addresses that a fetched document imports; what is no YAML imports nothing."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (YAMLError, ValueError, RecursionError):
        return []
    return list(_addresses(content, base)) if is_bounded(content) else []


def _addresses(value: Any, base: str) -> Iterator[str]:  # noqa: ANN401 - whatever YAML holds
    if isinstance(value, list):
        for one in value:
            yield from _addresses(one, base)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in ("$import", "$include", "$schemas"):
                for stated in one if isinstance(one, list) else [one]:
                    url = urldefrag(urljoin(base, str(stated))).url
                    if urlsplit(url).scheme in _WEB:
                        yield url
            else:
                yield from _addresses(one, base)
