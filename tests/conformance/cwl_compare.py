"""Is what a tool handed back what a conformance test expects? (cwl-v1.2, CONFORMANCE_TESTS.md)"""

# ruff: noqa: ANN401 - whatever CWL hands back

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

__all__ = ["difference"]


def difference(expected: Any, found: Any, where: str = "outputs") -> str:
    """Return where and how `found` differs from what is expected, in words; empty if it does not.

    `Any` stands for anything. Of files and folders the name, checksum, size, contents, format and what belongs to them
    count as far as they are expected, and each must exist.
    """
    if expected == "Any":
        return ""
    if isinstance(expected, dict) and expected.get("class") in ("File", "Directory"):
        return _file(expected, found, where)
    if isinstance(expected, dict):
        return _mapping(expected, found, where)
    if isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            return f"{where}: expected {len(expected)} values, found {found!r}"
        pairs = zip(expected, found, strict=True)
        return next((told for at, (a, b) in enumerate(pairs) if (told := difference(a, b, f"{where}[{at}]"))), "")
    same = expected == found and isinstance(expected, bool) == isinstance(found, bool)
    return "" if same else f"{where}: expected {expected!r}, found {found!r}"


def _mapping(expected: dict[str, Any], found: Any, where: str) -> str:
    if not isinstance(found, dict):
        return f"{where}: expected {expected!r}, found {found!r}"
    extra = [key for key, value in found.items() if key not in expected and value is not None]
    if extra:
        return f"{where}: {extra[0]!r} is not expected"
    return next((told for key in expected if (told := difference(expected[key], found.get(key), f"{where}.{key}"))), "")


def _file(expected: dict[str, Any], found: Any, where: str) -> str:
    if not isinstance(found, dict) or found.get("class") != expected["class"]:
        return f"{where}: expected a {expected['class']}, found {found!r}"
    path = Path(unquote(urlsplit(str(found.get("location") or found.get("path"))).path))
    if "contents" not in found and not path.exists():
        return f"{where}: there is no {str(path)!r}"
    named = expected.get("location") or expected.get("path") or expected.get("basename")
    if named and named != "Any" and Path(named).name != path.name:
        return f"{where}: expected {named!r}, found {path.name!r}"
    return _details(expected, found, path, where)


def _details(expected: dict[str, Any], found: dict[str, Any], path: Path, where: str) -> str:
    if "contents" in expected and expected["contents"] != _contents(found, path):
        return f"{where}: the contents differ"
    for key in ("checksum", "size", "format", "nameroot", "nameext", "basename"):
        if key in expected and expected[key] != "Any" and expected[key] != found.get(key):
            return f"{where}.{key}: expected {expected[key]!r}, found {found.get(key)!r}"
    for key in ("secondaryFiles", "listing"):
        if key in expected and (told := _unordered(expected[key], _inside(found, path, key), f"{where}.{key}")):
            return told
    return ""


def _contents(found: dict[str, Any], path: Path) -> str:
    return str(found["contents"]) if "contents" in found else path.read_text(encoding="utf-8")


def _inside(found: dict[str, Any], path: Path, key: str) -> list[Any]:
    """Return what a file or folder tells of itself; of a folder that tells nothing, what is in it."""
    if key in found or key == "secondaryFiles":
        return list(found.get(key) or [])
    return [_described(one) for one in path.iterdir()]


def _described(path: Path) -> dict[str, Any]:
    import hashlib

    if path.is_dir():
        return {"class": "Directory", "location": path.as_uri(), "basename": path.name}
    content = path.read_bytes()
    checksum = f"sha1${hashlib.sha1(content).hexdigest()}"  # noqa: S324 - the checksum that CWL prescribes
    return {
        "class": "File",
        "location": path.as_uri(),
        "basename": path.name,
        "size": len(content),
        "checksum": checksum,
    }


def _unordered(expected: list[Any], found: list[Any], where: str) -> str:
    left = list(found)
    for wanted in expected:
        match = next((one for one in left if not difference(wanted, one)), None)
        if match is None:
            return f"{where}: {wanted!r} is missing"
        left.remove(match)
    return f"{where}: {left[0]!r} is not expected" if left else ""
