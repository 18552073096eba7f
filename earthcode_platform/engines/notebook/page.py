"""The executed notebook as a page that stands alone: it loads nothing and runs nothing."""

from __future__ import annotations

import base64
import html
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bs4 import BeautifulSoup, Tag

__all__ = ["loads", "page_of"]

_TEMPLATES: Final = Path(__file__).parent / "templates"
"""Our own, complete: those of nbconvert lie outside its package, and name hosts of others."""
_POLICY: Final = "default-src 'none'; img-src data:; media-src data:; font-src data:; style-src 'unsafe-inline'"
"""What the page may load: what is in it (Content Security Policy Level 3). No script runs."""
_SHOWN: Final = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "text/html", "text/markdown", "text/latex",
                "application/json", "text/plain")  # fmt: skip
"""Media types of outputs that the page shows, the best first."""
_ACTIVE: Final = ("script", "iframe", "frame", "object", "embed", "applet", "base", "link", "meta", "form", "portal")
"""Elements that run or load something, or lead the reader's data elsewhere."""
_LOADING: Final = (
    "src",
    "srcset",
    "data",
    "poster",
    "background",
    "href",
    "xlink:href",
    "action",
    "formaction",
    "ping",
)
_REACHES: Final = re.compile(r"@import\b[^;]*;?|url\(\s*(?!['\"]?(?:data:|#))[^)]*\)", re.IGNORECASE)
"""What style sheets load (CSS Cascading and Inheritance, section 2; CSS Values, section 4.5)."""
_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; margin: 2rem auto; max-width: 62rem;
  padding: 0 1rem; }
pre { font: 13px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
img, svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-size: 14px; }
th, td { border: 1px solid #d5d5d5; padding: .25rem .6rem; text-align: right; }
.highlight { background: #f6f8fa; border-radius: 4px; padding: .6rem .8rem; }
.output { margin: .6rem 0 .6rem .8rem; overflow-x: auto; }
.stderr { background: #fff3e6; }
.anchor-link { display: none; }
section { margin: 1rem 0; }
"""


def page_of(notebook: Mapping[str, Any], title: str) -> str:
    """Return an executed notebook as HTML. Nothing in it is loaded from anywhere; formulas stay TeX.

    Args:
        notebook: The notebook as JSON.
        title: Title of the page.
    """
    import nbformat
    from nbconvert import HTMLExporter
    from pygments.formatters import HtmlFormatter

    exporter = HTMLExporter(template_name="page", extra_template_basedirs=[str(_TEMPLATES)])
    exporter.register_filter("text_base64", _base64)
    exporter.register_filter("best_kind", _best)
    body, _ = exporter.from_notebook_node(nbformat.reads(json.dumps(notebook), as_version=4))
    colours = HtmlFormatter().get_style_defs(".highlight")
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}{colours}</style>\n</head>\n"
        f"<body>\n{_alone(body)}\n</body>\n</html>\n"
    )


def _best(data: Mapping[str, object]) -> str:
    return next((kind for kind in _SHOWN if kind in data), "")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def loads(page: str) -> list[str]:
    """Return what a page would load or run, if its policy did not forbid it: elements, addresses and styles."""
    soup = _soup(page)
    found = [tag.name for tag in soup.find_all(_ACTIVE) if tag.name != "meta"]
    for tag, name in _reaching(soup):
        found.append(f"{tag.name} {name}={tag[name]}")
    for tag in soup.find_all():
        styles = [tag.get_text() if tag.name == "style" else "", str(tag.get("style", ""))]
        found += [match.group() for style in styles for match in _REACHES.finditer(style)]
    return found


def _alone(body: str) -> str:
    """Return the body without what loads from elsewhere or runs; links that a reader may follow stay."""
    soup = _soup(body)
    for tag in soup.find_all(_ACTIVE):
        tag.decompose()
    for tag, name in list(_reaching(soup)):
        if name in ("src", "href"):
            tag["title"] = "not kept: it was not part of the notebook"
        del tag[name]
    for tag in soup.find_all():
        if tag.get("style"):
            tag["style"] = _REACHES.sub("none", str(tag["style"]))
        if tag.name == "style":
            tag.string = _REACHES.sub("none", tag.get_text())
    return str(soup)


def _reaching(soup: BeautifulSoup) -> Iterator[tuple[Tag, str]]:
    """Yield attributes that load something from elsewhere, or run something, with their elements."""
    for tag in soup.find_all():
        for name, value in list(tag.attrs.items()):
            text = str(value).strip().lower()
            within = text.startswith(("data:image/", "data:audio/", "data:video/", "#")) or not text
            link = tag.name == "a" and name == "href" and not text.startswith(("javascript:", "data:", "vbscript:"))
            if name.lower().startswith("on") or (name.lower() in _LOADING and not within and not link):
                yield tag, name


def _soup(text: str) -> BeautifulSoup:
    from bs4 import BeautifulSoup

    return BeautifulSoup(text, "html.parser")
