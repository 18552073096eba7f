"""The exceptions stand in the decision and in the rules, and nowhere is one forgotten."""

import re
from pathlib import Path

from earthcode_platform.catalog.validate.exceptions import EXCEPTIONS
from earthcode_platform.catalog.validate.whole import RULES
from earthcode_platform.models.finding import Severity

MADE_BY_THE_WHOLE = {"EX01", "EX08", "EX10", "EX11", "EX17"}
"""Those of documents that the official validator does not read as we do: they are no rule's."""


def test_the_decision_lists_them(checkout: Path) -> None:
    text = (checkout / "docs/decisions/0009-what-the-catalog-validator-refuses.md").read_text()
    assert re.findall(r"^\| (EX\d\d) \|", text, re.MULTILINE) == list(EXCEPTIONS)


def test_every_one_has_a_rule() -> None:
    used = {rule.exception for rules in RULES.values() for rule in rules} - {""}
    assert used == EXCEPTIONS.keys() - MADE_BY_THE_WHOLE


def test_a_rule_of_one_warns_in_gate_mode_alone() -> None:
    for rule in (rule for rules in RULES.values() for rule in rules if rule.exception):
        assert not rule.strict
        assert rule.weight(strict=False) is Severity.WARNING
        assert rule.weight(strict=True) is (Severity.WARNING if rule.exception == "EX15" else Severity.ERROR)
