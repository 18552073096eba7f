"""HTML from texts: whatever is put in is escaped, and nothing refers to another host."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, NamedTuple

from earthcode_platform.redaction import public
from earthcode_platform.reports.figures import NOTHING
from earthcode_platform.reports.style import STYLE

__all__ = ["Markup", "badge", "code", "definitions", "figure", "joined", "page", "section", "table", "text"]


class Markup(NamedTuple):
    """A piece of HTML."""

    html: str
    """The piece; everything in it that came from outside is escaped."""


_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""What a browser may load for such a page (Content Security Policy 3): pictures inside it, and nothing else."""


def text(value: object) -> Markup:
    """Return a text, without credentials; None becomes a dash."""
    return Markup(NOTHING if value is None or value == "" else escape(public(value)))


def code(value: object) -> Markup:
    """Return a name, command or checksum."""
    return Markup(f"<code>{text(value).html}</code>")


def badge(word: str, kind: str) -> Markup:
    """Return a word in the colours of `kind`: error, warning, note or good."""
    return Markup(f'<span class="badge {escape(kind)}">{escape(word)}</span>')


def joined(parts: Iterable[Markup], between: str = "") -> Markup:
    """Return pieces behind each other."""
    return Markup(between.join(part.html for part in parts))


def section(title: str, *content: Markup, anchor: str) -> Markup:
    """Return a section with a heading that can be linked to."""
    body = joined(content).html
    return Markup(f'<section aria-labelledby="{anchor}"><h2 id="{anchor}">{escape(title)}</h2>{body}</section>')


def definitions(pairs: Iterable[tuple[str, Markup]]) -> Markup:
    """Return terms and what they stand for, those that stand for nothing left out."""
    rows = "".join(f"<dt>{escape(term)}</dt><dd>{held.html}</dd>" for term, held in pairs if held.html != NOTHING)
    return Markup(f"<dl>{rows}</dl>")


def table(
    caption: str, heads: Sequence[str], rows: Iterable[Sequence[Markup]], numbers: frozenset[int] = frozenset()
) -> Markup:
    """Return a table with a caption, which is also what a screen reader calls it.

    Args:
        caption: What it shows.
        heads: Heads of the columns.
        rows: Its cells.
        numbers: Columns that hold numbers, from 0.
    """
    head = "".join(f'<th scope="col"{_right(at, numbers)}>{escape(one)}</th>' for at, one in enumerate(heads))
    body = "".join(
        "<tr>" + "".join(f"<td{_right(at, numbers)}>{cell.html}</td>" for at, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    inside = f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return Markup(
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}"><table>{inside}</table></div>'
    )


def _right(at: int, numbers: frozenset[int]) -> str:
    return ' class="number"' if at in numbers else ""


def figure(png: bytes, alt: str, caption: str) -> Markup:
    """Return a picture that is part of the page.

    Args:
        png: The picture.
        alt: What it shows, for whoever does not see it.
        caption: The line below it.
    """
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return Markup(
        f'<figure><img src="{source}" alt="{escape(alt)}"><figcaption>{escape(caption)}</figcaption></figure>'
    )


def page(title: str, lead: Markup, *sections: Markup) -> str:
    """Return a whole page: no script, no address that a browser would load anything from."""
    body = joined(sections).html
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{escape(title)}</h1>{lead.html}</header>\n<main>{body}</main>\n</body>\n</html>\n"
    )
