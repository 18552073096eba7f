"""A preview of catalog entries as Markdown, and as a page that stands alone: it loads nothing and runs nothing."""

import html
import json
import re
from collections.abc import Iterator
from typing import Final

from earthcode_platform.models.preview import Preview, PreviewEntry

__all__ = ["preview_markdown", "preview_page"]

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""What the page may load: nothing but its own style (Content Security Policy Level 3)."""

_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; margin: 2rem auto; max-width: 62rem;
  padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-bottom: .2rem; }
article { border: 1px solid #d5d5d5; border-radius: 6px; margin: 1.2rem 0; padding: .4rem 1.2rem 1rem; }
.kind { color: #4a5a6a; font-size: .85rem; letter-spacing: .04em; margin: .6rem 0 0; text-transform: uppercase; }
table { border-collapse: collapse; font-size: .9rem; width: 100%; }
th, td { border-top: 1px solid #e4e4e4; padding: .25rem .6rem .25rem 0; text-align: left; vertical-align: top; }
th { color: #4a5a6a; font-weight: 500; width: 11rem; } td { overflow-wrap: anywhere; }
pre { background: #f6f8fa; border-radius: 4px; font: 13px/1.45 ui-monospace, monospace; overflow-x: auto;
  padding: .6rem .8rem; white-space: pre-wrap; }
summary { cursor: pointer; color: #4a5a6a; margin-top: .6rem; }
"""

_NOTE: Final = (
    "This is how the entries will read; nothing is published yet. Addresses that begin with “archive:” are those "
    "that the archive gives, and the place and the time are those of the inputs until the product tells its own."
)
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>|#])")


def preview_markdown(preview: Preview) -> str:
    """Return the preview as Markdown, as it is shown on the page of a run."""
    lines = [f"# {_escaped(preview.title)}", "", _NOTE, ""]
    for entry in preview.entries:
        lines += [
            f"## {entry.kind}: {_escaped(entry.title)}",
            "",
            f"`{entry.path}`",
            "",
            _escaped(entry.description),
            "",
        ]
        lines += [
            "| key | value |",
            "|---|---|",
            *(f"| `{key}` | {_escaped(value)} |" for key, value in entry.facts.items()),
        ]
        lines += [
            "",
            "| link | to |",
            "|---|---|",
            *(f"| {rel} | {_escaped(title or href)} |" for rel, title, href in entry.links),
            "",
        ]
    for name, text in preview.files.items():
        lines += [f"## {name}", "", "```yaml", text.replace("```", "'''").rstrip(), "```", ""]
    lines += ["## Links that other files would get", "", *(f"- `{path}`" for path in preview.changed)]
    return "\n".join(lines) + "\n"


def preview_page(preview: Preview) -> str:
    """Return the preview as HTML. Nothing in it is loaded from anywhere, and addresses are texts."""
    title = html.escape(preview.title)
    body = "\n".join(
        [
            f"<h1>{title}</h1><p>{html.escape(_NOTE)}</p>",
            *(part for entry in preview.entries for part in _article(entry)),
            *(f"<h2>{html.escape(name)}</h2><pre>{html.escape(text)}</pre>" for name, text in preview.files.items()),
            "<h2>Links that other files would get</h2><ul>",
            *(f"<li><code>{html.escape(path)}</code></li>" for path in preview.changed),
            "</ul>",
        ]
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>\n'
        f"<body>\n{body}\n</body></html>\n"
    )


def _article(entry: PreviewEntry) -> Iterator[str]:
    facts = "".join(
        f"<tr><th>{html.escape(key)}</th><td>{html.escape(value)}</td></tr>" for key, value in entry.facts.items()
    )
    links = "".join(
        f"<tr><th>{html.escape(rel)}</th><td>{html.escape(title)}<br><code>{html.escape(href)}</code></td></tr>"
        for rel, title, href in entry.links
    )
    document = html.escape(json.dumps(entry.document, indent=2, ensure_ascii=False))
    yield f'<article><p class="kind">{html.escape(entry.kind)}</p><h2>{html.escape(entry.title)}</h2>'
    yield f"<p>{html.escape(entry.description)}</p><table>{facts}</table>"
    yield f"<details><summary>{len(entry.links)} links</summary><table>{links}</table></details>"
    yield f"<details><summary>{html.escape(entry.path)}</summary><pre>{document}</pre></details></article>"


def _escaped(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
