import json
from pathlib import Path
from uuid import UUID

import pytest

from demo.environment import Site
from demo.report import Facts, lines, read, write
from earthcode_platform.errors import ExecutionError
from earthcode_platform.models.product import Novelty
from earthcode_platform.provenance.outcome import Outcome

RUN = UUID("01234567-89ab-cdef-0123-456789abcdef")
OUTCOME = Outcome(
    workspace="/state/runs/x",
    product="/state/archive/p/1.0.0",
    item="/state/archive/p/1.0.0/p/p.json",
    quicklook="/state/archive/p/1.0.0/p/quicklook.png",
    catalog="/state/catalog.git",
    branch="publish/p-1.0.0",
    commit="0" * 40,
    published=Novelty.NEW,
)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(checkout=tmp_path, home=tmp_path, port=4321)


@pytest.fixture
def facts(site: Site) -> Facts:
    OUTCOME.write(site.home / "runs" / "by-flow-run" / f"{RUN}.json")
    return read(site, RUN, {"develop": 0.25, "publish": 1.5})


def test_the_facts_are_what_the_flow_left_with_the_page_and_the_times(facts: Facts) -> None:
    assert facts.run_url == f"http://127.0.0.1:4321/runs/flow-run/{RUN}"
    assert facts.seconds == {"develop": 0.25, "publish": 1.5}
    assert facts.model_dump(include=set(Outcome.model_fields)) == OUTCOME.model_dump()


def test_the_file_has_every_promised_key(facts: Facts, site: Site) -> None:
    write(facts, site.facts)
    written = json.loads(site.facts.read_text(encoding="utf-8"))
    promised = {"product", "item", "quicklook", "catalog", "branch", "commit", "run_url", "seconds", "published"}
    assert promised <= set(written)
    assert Facts.model_validate(written) == facts
    assert [path.name for path in site.home.iterdir() if path.name.startswith("demo")] == ["demo.json"]


def test_the_screen_shows_where_everything_is(facts: Facts, site: Site) -> None:
    shown = list(lines(facts, site))
    assert shown[0] == "published, new"
    for fact in (facts.product, facts.item, facts.quicklook, facts.catalog, facts.branch, facts.commit, facts.run_url):
        assert [line for line in shown if line.endswith(f" {fact}")]
    assert shown[-1].endswith("demo.json")


def test_a_second_time_it_says_so(facts: Facts, site: Site) -> None:
    again = facts.model_copy(update={"published": Novelty.UNCHANGED})
    assert next(lines(again, site)) == "already published, unchanged"


def test_a_run_without_an_account_of_its_results_is_an_error(site: Site) -> None:
    with pytest.raises(ExecutionError, match=f"no usable account.*{RUN}"):
        read(site, RUN, {})


def test_an_account_that_lacks_a_fact_is_an_error(site: Site) -> None:
    source = site.home / "runs" / "by-flow-run" / f"{RUN}.json"
    source.parent.mkdir(parents=True)
    source.write_text('{"workspace": "w"}', encoding="utf-8")
    with pytest.raises(ExecutionError, match="commit"):
        read(site, RUN, {})
