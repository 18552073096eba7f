"""Questions at a terminal about a new experiment, with choices from the catalog that are found by a few letters."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TextIO

from pydantic import JsonValue
from rich.console import Console
from rich.text import Text

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.vocabulary import titles
from earthcode_platform.cli.answers import person, usual
from earthcode_platform.development.blueprint import KINDS
from earthcode_platform.development.choices import Choice, ranked
from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from earthcode_platform.catalog.snapshot import Catalog

__all__ = ["Dialogue"]

_SHOWN: Final = 12
"""How many choices are listed at a time."""

_SAYS: Final = {
    "openeo": "openEO process graph (JSON)",
    "cwl": "CWL application package",
    "notebook": "Jupyter notebook",
    "mlflow": "MLflow model, applied to each pixel",
}


class Dialogue:
    """Asks for what is not known yet; an empty answer takes what the question shows in brackets.

    Args:
        catalog: Where projects, themes, variables and missions are chosen from.
        console: Where the questions go; the terminal if None.
        stream: Where the answers come from; the terminal if None.
    """

    def __init__(self, catalog: "Catalog", console: Console | None = None, stream: TextIO | None = None) -> None:
        self._catalog = catalog
        self._console = console or Console(highlight=False)
        self._stream = stream

    def complete(self, answers: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Return the answers with those to every question whose answer was not among them.

        Raises:
            EOFError: The answers ended.
        """
        known = dict(answers)
        kinds = [Choice(kind.value, _SAYS[kind.value]) for kind in KINDS]
        questions: dict[str, Callable[[], JsonValue]] = {
            "kind": lambda: self._one("Language of the workflow", kinds, usual(known, "kind")),
            "title": lambda: self._text("Title", usual(known, "title")),
            "description": lambda: self._text("Description", usual(known, "description")),
            "contacts": lambda: self._contacts(usual(known, "contacts")),
            "project": lambda: self._one("Project", self._choices(Kind.PROJECT), usual(known, "project")),
            "themes": lambda: self._some("Themes", self._choices(Kind.THEME), usual(known, "themes"), least=1),
            "variables": lambda: self._some("Variables", self._choices(Kind.VARIABLE), usual(known, "variables")),
            "missions": lambda: self._some("EO missions", self._choices(Kind.MISSION), usual(known, "missions")),
            "region": lambda: self._text("Region", ""),
        }
        for key, question in questions.items():
            if key not in known:
                known[key] = question()
        return {key: value for key, value in known.items() if value}

    def _choices(self, kind: Kind) -> list[Choice]:
        return [Choice(entry, title) for entry, title in titles(self._catalog, kind).items()]

    def _text(self, label: str, default: JsonValue) -> str:
        shown = str(default) if default else "left out"
        answer = self._answer(f"{label} [{shown}]")
        return answer or str(default or "")

    def _contacts(self, default: JsonValue) -> list[JsonValue]:
        first = default[0] if isinstance(default, list) and default else None
        shown = f"{first['name']} <{first.get('email', '')}>".removesuffix(" <>") if isinstance(first, dict) else ""
        while True:
            answer = self._answer(f"Who answers for it, as Name <e-mail>{f' [{shown}]' if shown else ''}")
            if not answer and first is not None:
                return [first]
            try:
                return [person(answer)]
            except InputError as error:
                self._say(f"{error.message} {error.remedy}")

    def _one(self, label: str, choices: list[Choice], default: JsonValue) -> str:
        chosen = self._chosen(label, choices, default=self._known(default, choices))
        return chosen.id if chosen else ""

    def _some(self, label: str, choices: list[Choice], default: JsonValue, *, least: int = 0) -> list[JsonValue]:
        """Ask until there is an empty answer; the usual ones are taken for an empty first answer."""
        usual_ones = [one for one in default if self._known(one, choices)] if isinstance(default, list) else []
        found: list[JsonValue] = []
        while True:
            start = ", ".join(map(str, usual_ones)) if not found else "no more"
            chosen = self._chosen(label, choices, start=start or "none")
            if chosen is not None and chosen.id not in found:
                found.append(chosen.id)
            elif chosen is None and (found or usual_ones or not least):
                return found or list(usual_ones)

    def _known(self, default: JsonValue, choices: list[Choice]) -> Choice | None:
        return next((one for one in choices if one.id == default), None)

    def _chosen(
        self, label: str, choices: list[Choice], *, default: Choice | None = None, start: str = ""
    ) -> Choice | None:
        """Return what was chosen by id, by number, or by letters that fit one alone; the default for nothing."""
        listed: list[Choice] = []
        shown = default.id if default else start
        if len(choices) <= _SHOWN:
            listed = self._listed(choices, len(choices))
        while True:
            answer = self._answer(f"{label}: letters to search, or a number{f' [{shown}]' if shown else ''}")
            if not answer:
                if default is None and not start:
                    continue
                return default
            if answer.isdigit() and 0 < int(answer) <= len(listed):
                return listed[int(answer) - 1]
            found = [one for one in choices if one.id == answer] or ranked(answer, choices, len(choices))
            if len(found) == 1:
                self._say(f"  {found[0].id}: {found[0].title}")
                return found[0]
            if not found:
                self._say(f"  nothing is spelt like {answer!r}; try fewer letters.")
            listed = self._listed(found[:_SHOWN], len(found))

    def _listed(self, found: list[Choice], count: int) -> list[Choice]:
        for number, one in enumerate(found, start=1):
            self._say(f"  {number:>2}  {one.id}: {one.title}" if one.title != one.id else f"  {number:>2}  {one.id}")
        if count > len(found):
            self._say(f"      and {count - len(found)} more; more letters narrow it down.")
        return found

    def _answer(self, question: str) -> str:
        self._console.print(Text(f"{question}: "), end="")
        line = self._stream.readline() if self._stream else self._console.input() + "\n"
        if not line:
            raise EOFError
        return line.strip()

    def _say(self, text: str) -> None:
        self._console.print(Text("".join(one if one.isprintable() else "?" for one in text)))
