"""What a code means."""

import pytest
from house import CHECKOUT

from earthcode_platform.errors import UnknownNameError
from earthcode_platform.finding_codes.document import document
from earthcode_platform.finding_codes.registry import Rule, explained, families

RULES = [rule for family in families() for rule in family.rules.values()]


def test_a_code_has_the_prefix_of_its_family() -> None:
    assert [code for family in families() for code in family.rules if not code.startswith(f"{family.prefix}-")] == []


def test_no_code_is_declared_twice() -> None:
    declared = [rule.code for family in families() for rules in family.sections.values() for rule in rules]
    assert len(declared) == len(set(declared))


@pytest.mark.parametrize("text", ["what", "why", "mend"])
def test_every_text_is_a_sentence(text: str) -> None:
    texts = [(rule.code, getattr(rule, text)) for rule in RULES]
    assert [
        (code, said) for code, said in texts if not (said.endswith(".") and (said[0].isupper() or said[0] == "`"))
    ] == []


def test_no_cell_of_the_document_breaks_its_table() -> None:
    assert [rule.code for rule in RULES if "|" in rule.what + rule.why + rule.mend] == []


def test_a_publication_inherits_the_rules_of_the_catalog() -> None:
    found = explained("publish-doi-wrong")
    assert found.code == "publish-doi-wrong"
    assert found.what == explained("catalog-doi-wrong").what


def test_a_code_that_nobody_knows_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Did you mean 'inputs-checksum-differs'\?"):
        explained("inputs-checksum-difers")


def test_a_rule_is_found_by_its_code() -> None:
    assert isinstance(explained("inputs-file-empty"), Rule)


def test_the_document_is_up_to_date() -> None:
    written = (CHECKOUT / "docs" / "findings.md").read_text(encoding="utf-8")
    assert written == document(), "Run `make findings`."
