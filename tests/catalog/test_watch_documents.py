"""A look at what changed says the same as a look at everything, and nothing stops either."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from catalog_factories import published
from catalog_mutants import MUTANTS
from hypothesis import given, settings
from hypothesis import strategies as st
from watched_catalogs import NIGHT, catalog_of, looked, night

from earthcode_platform.catalog.checkout import read_catalog
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.rulebook import Fault, Rule
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.whole import RULES, validate
from earthcode_platform.catalog.watch.documents import look, visible
from earthcode_platform.errors import InputError
from earthcode_platform.models.finding import Severity

SCHEMAS = Schemas(None)
RIGHT = published(catalog_of())
THEME = "themes/oceans/catalog.json"


def without(catalog: Catalog, *paths: str) -> Catalog:
    return Catalog({path: held for path, held in catalog.files.items() if path not in paths}, "2" * 40)


def odd(catalog: Catalog, chance: random.Random) -> Catalog:
    """The catalog after something happened to one of its files."""
    path = chance.choice(sorted(catalog.files))
    content = catalog.content(path)
    happened = chance.randrange(5)
    if happened == 0:
        return without(catalog, path)
    if happened == 1:
        return catalog.with_edits({path: content[: len(content) // 2]})
    if happened == 2:
        return catalog.with_edits({path: content.replace(b'"title": "', b'"title": "Other ')})
    if happened == 3:
        return catalog.with_edits({path.replace("/", "/new-", 1): content})
    mutant = chance.choice(MUTANTS)
    try:
        return mutant.of(catalog)
    except (AssertionError, InputError, LookupError, StopIteration, TypeError, ValueError):
        return catalog  # what it changes was changed or taken away before


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 4), st.integers(1, 4))
def test_what_changed_and_everything_say_the_same(chance: random.Random, before: int, after: int) -> None:
    earlier = RIGHT
    for _ in range(before):
        earlier = odd(earlier, chance)
    now = earlier
    for _ in range(after):
        now = odd(now, chance)
    whole = looked(now)
    part = look(now, NIGHT, SCHEMAS, (earlier, looked(earlier)))
    assert part.findings == whole.findings
    assert part.documents == whole.documents


def test_so_they_do_on_the_real_catalog(real_folder: Path) -> None:
    chance = random.Random(3)  # noqa: S311 - the same choice each time
    earlier = read_catalog(real_folder)
    first = looked(earlier)
    assert first.looked == first.documents == 2224
    now = earlier
    for _ in range(6):
        now = odd(now, chance)
    part = look(now, NIGHT, SCHEMAS, (earlier, first))
    assert part.findings == looked(now).findings != first.findings
    assert 0 < part.looked < 2224


def test_nothing_is_looked_at_where_nothing_changed() -> None:
    part = look(RIGHT, night(1), SCHEMAS, (RIGHT, looked(RIGHT)))
    assert (part.looked, part.documents, part.findings) == (0, 19, ())


def test_other_schemas_make_the_whole_be_looked_at(tmp_path: Path) -> None:
    first = looked(RIGHT)
    # A mirror with one of the schemas that are asked for: it lacks all others.
    only = tmp_path / "stac-extensions.github.io/themes/v1.0.0/schema.json"
    only.parent.mkdir(parents=True)
    only.write_text("{}")
    again = look(RIGHT, night(1), Schemas(tmp_path), (RIGHT, first))
    assert again.looked == again.documents
    assert again.basis != first.basis
    assert {found.code for found in again.findings} == {"catalog-schema"}


def test_a_file_that_is_no_json_is_one_finding_and_no_end() -> None:
    broken = looked(catalog_of({THEME: b"{nope"}))
    assert [(found.code, found.file) for found in broken.findings] == [("catalog-document-unreadable", THEME)]
    assert broken.looked == broken.documents


def test_a_rule_that_fails_on_a_document_is_a_finding_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(entry: Inspection) -> Iterator[Fault]:
        yield Fault("", "it begins well.", "Wait.")
        raise KeyError(entry.id)

    rule = Rule("odd", Severity.WARNING, strict=True, check=fails)
    monkeypatch.setitem(RULES, Kind.THEME, (rule, *RULES[Kind.THEME]))
    broken = RIGHT.with_edits({THEME: RIGHT.content(THEME).replace(b'"id": "oceans"', b'"id": "seas"')})
    codes = [found.code for found in validate(broken, strict=True, only={THEME}).findings]
    assert sorted(codes) == ["catalog-id-differs", "catalog-odd", "catalog-odd"]
    failed = [found.message for found in looked(broken).findings if (found.code, found.file) == ("catalog-odd", THEME)]
    assert failed == ["it begins well.", "the rule 'odd' could not look at it: KeyError: 'oceans'."]


def test_hidden_files_are_no_part_of_the_catalog() -> None:
    hidden = catalog_of({".vscode/settings.json": b"// no JSON", "products/.x/collection.json": b"{"})
    assert looked(hidden).findings != ()
    assert looked(visible(hidden)).findings == ()
    assert visible(hidden).commit == hidden.commit
    assert visible(RIGHT) is RIGHT
