"""A YAML text as plain data in which every value knows its line, and what its author did that a reader must refuse."""

import math
import unicodedata
from typing import Final, NamedTuple

import yaml
from pydantic import JsonValue

from earthcode_platform.errors import RefusedError
from earthcode_platform.experiments.scalars import TAGS, CoreResolver
from earthcode_platform.experiments.wording import Problem, shown

__all__ = ["MAX_DEPTH", "Document", "parse"]

MAX_DEPTH: Final = 32
"""How deep lists and mappings may stand inside each other."""

_LONGEST_NUMBER: Final = 400
"""Characters; the largest double written out takes 309 digits."""

_TEXT_CONTROLS: Final = "\t\n\r"

_SYNTAX_REMEDIES: Final = (
    ("'\\t'", "Indent with spaces; YAML takes no tabs there."),
    ("mapping values are not allowed", "Put a text that contains ': ' in quotes, and check the indentation."),
    ("quoted scalar", "Close the quotation mark that was opened above."),
    ("expected ',' or", "Close the bracket or brace that was opened above, and put commas between its values."),
    ("expected <block end>", "Check the indentation: keys of one mapping start in the same column."),
    ("could not find expected ':'", "Write 'key: value', with a colon and a space, and check the indentation."),
)
"""Part of PyYAML's description of a problem, and what its reader should do."""

_ALIAS: Final = "YAML anchors and aliases (& and *) are not read, because a few of them can grow without bound."


class Document(NamedTuple):
    """The data of a YAML document, with what only its text knows."""

    content: dict[str, JsonValue]
    """Its data."""
    lines: dict[tuple[str | int, ...], int]
    """Line of each key and list element, counted from 1; the document itself is at `()`."""
    written: dict[tuple[str | int, ...], str]
    """Each number, true, false and null as it stands in the text."""
    problems: list[Problem]
    """What is wrong with single keys and values."""


class _StructureError(Exception):
    def __init__(self, code: str, mark: yaml.Mark, message: str, remedy: str) -> None:
        super().__init__(message)
        self.problem = Problem((), mark.line + 1, f"metadata-{code}", message, remedy)


class _Composer(CoreResolver):
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # types-PyYAML leaves it untyped
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _StructureError("alias", event.start_mark, _ALIAS, "Write the value out where it is needed.")
        if self.depth >= MAX_DEPTH:
            message = f"values stand more than {MAX_DEPTH} levels deep inside each other."
            raise _StructureError(
                "too-deep", event.start_mark, message, "Flatten them, or keep them in a file of their own."
            )
        self.depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def parse(text: str, name: str) -> Document:
    """Read the one YAML document in `text`, a mapping.

    Args:
        text: The document.
        name: Name of the file it comes from, for the findings.

    Raises:
        RefusedError: It is no YAML, more or less than one document, no mapping, too deep, or it uses aliases.
    """
    try:
        root = _compose(text)
    except _StructureError as error:
        raise RefusedError([error.problem.finding(name)], where=name) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = _control((), line, chr(int(error.character)))
        raise RefusedError([problem.finding(name)], where=name) from None
    except yaml.MarkedYAMLError as error:
        raise RefusedError([_syntax(error).finding(name)], where=name) from None
    document = Document({}, {(): 1}, {}, [])
    document.content.update(_Reader(document).mapping(root, ()))
    return document


def _compose(text: str) -> yaml.MappingNode:
    composer = _Composer(text)
    root = composer.get_node() if composer.check_node() else None
    if root is None:
        raise _StructureError("empty", composer.get_mark(), "the file holds no data.", "Describe the experiment in it.")
    if composer.check_node():
        message = "a second YAML document starts near here, but a file holds one experiment."
        raise _StructureError("several-documents", composer.get_mark(), message, "Take out '---' and what follows it.")
    if not isinstance(root, yaml.MappingNode):
        message = "the file holds no mapping of keys to values."
        raise _StructureError("not-a-mapping", root.start_mark, message, "Start it with 'id: …' and 'version: …'.")
    return root


def _syntax(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    told = ", ".join(part for part in (error.context, error.problem) if part)
    remedy = next((remedy for part, remedy in _SYNTAX_REMEDIES if part in told), "Check the line and the one above it.")
    column = f" in column {mark.column + 1}" if mark else ""
    return Problem(
        (), mark.line + 1 if mark else 1, "metadata-syntax", f"this is no valid YAML{column}: {told}.", remedy
    )


def _control(path: tuple[str | int, ...], line: int, character: str) -> Problem:
    message = f"the text holds the character U+{ord(character):04X}, which cannot be kept in a text file."
    return Problem(path, line, "metadata-bad-value", message, "Take it out.")


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document

    def refuse(self, path: tuple[str | int, ...], node: yaml.Node, code: str, message: str, remedy: str) -> None:
        self.document.problems.append(Problem(path, node.start_mark.line + 1, f"metadata-{code}", message, remedy))

    def value(self, node: yaml.Node, path: tuple[str | int, ...]) -> JsonValue:
        kind = TAGS.get(node.tag)
        if kind is None:
            self.refuse(path, node, "tag", f"the tag {shown(node.tag)} is not read.", "Write the value without a tag.")
            return None
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.element(child, (*path, index)) for index, child in enumerate(node.value)]
        return self.scalar(node, kind, path)

    def element(self, node: yaml.Node, path: tuple[str | int, ...]) -> JsonValue:
        self.document.lines[path] = node.start_mark.line + 1
        return self.value(node, path)

    def mapping(self, node: yaml.MappingNode, path: tuple[str | int, ...]) -> dict[str, JsonValue]:
        content: dict[str, JsonValue] = {}
        for key_node, value_node in node.value:
            key = self.key(key_node, path)
            if key is None:
                continue
            if key in content:
                first = self.document.lines[(*path, key)]
                message = f"the key {shown(key)} was given already in line {first}."
                self.refuse((*path, key), key_node, "duplicate-key", message, "Keep one of the two.")
                continue
            self.document.lines[(*path, key)] = key_node.start_mark.line + 1
            content[key] = self.value(value_node, (*path, key))
        return content

    def key(self, node: yaml.Node, path: tuple[str | int, ...]) -> str | None:
        if TAGS.get(node.tag) == "str" and isinstance(node.value, str):
            return self.text(node, path)
        written = node.value if isinstance(node, yaml.ScalarNode) else "a list or mapping"
        message = f"a key must be text, but here it is {shown(written)}."
        self.refuse(path, node, "bad-key", message, "Put the key in quotes, or take a name for it.")
        return None

    def text(self, node: yaml.Node, path: tuple[str | int, ...]) -> str:
        text = str(node.value)
        bad = sorted({one for one in text if unicodedata.category(one) in ("Cc", "Cs")} - set(_TEXT_CONTROLS))
        if bad:
            self.document.problems.append(_control(path, node.start_mark.line + 1, bad[0]))
        return text.translate({ord(one): "?" for one in bad})

    def scalar(self, node: yaml.Node, kind: str, path: tuple[str | int, ...]) -> JsonValue:
        if kind == "str":
            return self.text(node, path)
        written = str(node.value)
        self.document.written[path] = written
        number = _number(written, kind)
        if number is None and kind != "null":
            message = f"{shown(written)} is no number that can be computed with."
            self.refuse(path, node, "bad-value", message, "Write a finite number, or put the text in quotes.")
        return number


def _number(written: str, kind: str) -> int | float | bool | None:
    if kind == "null":
        return None
    if kind == "bool":
        return written.lower() == "true"
    if len(written) > _LONGEST_NUMBER:
        return None
    try:
        number = int(written, 0 if written[:2] in ("0o", "0x") else 10) if kind == "int" else float(written)
    except ValueError:
        return None
    return number if kind == "int" or math.isfinite(number) else None
