"""The changeset of a submission: three entries, every back link, and nothing else."""

import json

import pytest
import yaml
from catalog_factories import ARCHIVE, MOMENT, experiment, links_of, osc, pinned, product, published, run, submitted

from earthcode_platform.catalog.changeset import Changeset, changeset
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.published import find
from earthcode_platform.catalog.rules import check
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.checksums import of_bytes
from earthcode_platform.errors import InputError, RefusedError
from earthcode_platform.models.pinned import PinnedInput
from earthcode_platform.models.product import Novelty

PRODUCT = "products/sst-anomaly-el-nino-2009/collection.json"
WORKFLOW = "workflows/sst-anomaly-workflow/record.json"
EXPERIMENT = "experiments/sst-anomaly/record.json"


def test_a_first_publication_writes_five_files_and_links_nine(embedded: Catalog) -> None:
    change = changeset(embedded, *submitted())
    assert change.entries == (PRODUCT, WORKFLOW, EXPERIMENT)
    new = {path for path in change.edits if path not in embedded}
    assert new == {
        *change.entries,
        "experiments/sst-anomaly/input.yaml",
        "experiments/sst-anomaly/environment.yaml",
    }
    assert set(change.edits) - new == {
        "eo-missions/amsr-e/catalog.json",
        "eo-missions/envisat/catalog.json",
        "experiments/catalog.json",
        "products/catalog.json",
        "projects/earthcode-examples/collection.json",
        "themes/oceans/catalog.json",
        "variables/sea-surface-temperature/catalog.json",
        "workflows/catalog.json",
    }
    assert list(change.edits) == sorted(change.edits)


def test_every_back_link_is_there(embedded: Catalog) -> None:
    after = published(embedded)
    to_product = (PRODUCT, "SST anomaly, El Niño 2009/10")
    for source in (
        "projects/earthcode-examples/collection.json",
        "themes/oceans/catalog.json",
        "variables/sea-surface-temperature/catalog.json",
        "eo-missions/envisat/catalog.json",
        "eo-missions/amsr-e/catalog.json",
        "products/catalog.json",
        EXPERIMENT,
    ):
        assert links_of(after.links(source), "child") == [to_product], source
    assert links_of(after.links(WORKFLOW), "child") == [(EXPERIMENT, "Sea surface temperature anomaly")]
    assert links_of(after.links("workflows/catalog.json"), "item") == [(WORKFLOW, "Anomaly against a reference")]
    assert links_of(after.links("experiments/catalog.json"), "item") == [
        (EXPERIMENT, "Sea surface temperature anomaly")
    ]
    project = "projects/earthcode-examples/collection.json"
    assert (WORKFLOW, "Workflow: Anomaly against a reference") in links_of(after.links(project), "related")
    assert after.document(project)["osc:workflows"] == ["sst-anomaly-workflow"]
    assert after.document(PRODUCT)["osc:experiment"] == "sst-anomaly"


def test_the_product_says_what_the_archive_holds(embedded: Catalog) -> None:
    after = published(embedded)
    entry = after.document(PRODUCT)
    assert entry["stac_version"] == "1.1.0"
    assert entry["created"] == entry["updated"] == "2026-03-04T05:06:07Z"
    assert entry["extent"] == {
        "spatial": {"bbox": [[-180, -30, 180, 30]]},
        "temporal": {"interval": [["2009-12-01T00:00:00Z", "2010-02-28T00:00:00Z"]]},
    }
    assert entry["cf:parameter"] == [{"name": "sea_surface_temperature_anomaly", "unit": "K"}]
    assert entry["keywords"] == ["Sea Surface Temperature", "Envisat", "AMSR-E", "Oceans"]
    assert entry["osc:region"] == "Tropical Pacific"
    collection = f"{ARCHIVE}/sst-anomaly-el-nino-2009/1.0.0/collection.json"
    links = [link for link in after.links(PRODUCT) if link.target is None]
    assert [(link.rel, link.href, link.media_type) for link in links] == [
        ("via", collection, "application/json"),
        ("child", collection, "application/json"),
    ]
    assert links_of(after.links(PRODUCT), "related") == [
        ("projects/earthcode-examples/collection.json", "Project: EarthCODE Examples"),
        ("themes/oceans/catalog.json", "Theme: Oceans"),
        ("variables/sea-surface-temperature/catalog.json", "Variable: Sea Surface Temperature"),
        ("eo-missions/envisat/catalog.json", "EO Mission: Envisat"),
        ("eo-missions/amsr-e/catalog.json", "EO Mission: AMSR-E"),
        (EXPERIMENT, "Experiment: Sea surface temperature anomaly"),
    ]


def test_both_records_lead_to_the_archived_workflow(embedded: Catalog) -> None:
    after = published(embedded)
    for path in (WORKFLOW, EXPERIMENT):
        links = after.document(path)["links"]
        assert isinstance(links, list)
        found = [link for link in links if isinstance(link, dict) and link["rel"] == "process_graph"]
        assert [(link["href"], link["file:checksum"]) for link in found] == [
            (f"{ARCHIVE}/sst-anomaly-el-nino-2009/1.0.0/experiment/graph.json", of_bytes(b"graph"))
        ]


def test_other_languages_are_applications(embedded: Catalog) -> None:
    after = published(embedded, workflow={"kind": "notebook", "entry": "run.ipynb", "title": "Notebook"})
    link = next(link for link in after.links(EXPERIMENT) if link.rel == "application")
    assert (link.media_type, link.title) == ("application/x-ipynb+json", "Notebook")


def test_the_run_files_name_no_path_of_this_machine(embedded: Catalog) -> None:
    after = published(embedded)
    said = yaml.safe_load(after.content("experiments/sst-anomaly/input.yaml"))
    archived = f"{ARCHIVE}/sst-anomaly-el-nino-2009/1.0.0/experiment"
    assert said["experiment"] == {
        "id": "sst-anomaly",
        "version": "1.0.0",
        "href": f"{archived}/experiment.yaml",
        "product": "sst-anomaly-el-nino-2009",
        "manifest_checksum": product().manifest_checksum,
        "data_checksums": {"data": of_bytes(b"values")},
    }
    assert said["parameters"] == {"reference": [2006, 2010], "unit": "K"}
    assert said["inputs"]["sst"] == {
        "href": f"{archived}/inputs/sst/collection.json",
        "checksum": of_bytes(b"archived collection"),
        "datetime": "2009-12-01T00:00:00Z/2010-02-28T23:59:59.999999Z",
        "bbox": [-180.0, -30.0, 180.0, 30.0],
        "assets": {"ostia/data": of_bytes(b"ostia")},
    }
    environment = yaml.safe_load(after.content("experiments/sst-anomaly/environment.yaml"))
    assert environment["engine"]["libraries"] == {"dask": "2026.1.0", "xarray": "2026.1.0"}
    assert environment["workflow"] == {"kind": "openeo", "entry": "graph.json", "checksum": of_bytes(b"graph")}
    assert environment["code"] == {
        "commit": "ab" * 20,
        "dirty": False,
        "repository": "https://example.org/experiments.git",
    }
    assert not [path for path, content in after.files.items() if b"/home/someone" in content]


def test_a_remote_input_keeps_its_address_without_credentials(embedded: Catalog) -> None:
    remote = PinnedInput(name="sst", href="https://me:hunter2@example.org/c.json?token=abc", checksum=of_bytes(b"c"))
    change = changeset(embedded, pinned(inputs=(remote,)), run(), product())
    text = change.edits["experiments/sst-anomaly/input.yaml"].decode()
    assert "https://example.org/c.json?token=…" in text
    assert "hunter2" not in text


def test_the_same_again_changes_nothing(embedded: Catalog) -> None:
    first = changeset(embedded, *submitted())
    again = changeset(embedded.with_edits(first.edits), *submitted())
    assert again.edits == {}
    assert again.digest == first.digest


def test_the_published_environment_stays_while_the_archive_stays(embedded: Catalog) -> None:
    after = published(embedded)
    newer = run().model_copy(update={"engine": run().engine.model_copy(update={"version": "9.9.9"})})
    assert changeset(after, pinned(code=None), newer, product(novelty=Novelty.UNCHANGED)).edits == {}


def test_a_new_version_replaces_the_entries_and_leaves_the_links(embedded: Catalog) -> None:
    before = published(embedded)
    later = product(experiment(version="1.1.0"), values=b"other", created=MOMENT.replace(year=2027))
    change = changeset(before, pinned(experiment(version="1.1.0")), run(), later)
    # environment.yaml says the same as before, so it is not among them.
    assert set(change.edits) == {PRODUCT, WORKFLOW, EXPERIMENT, "experiments/sst-anomaly/input.yaml"}
    entry = before.with_edits(change.edits).document(PRODUCT)
    assert (entry["created"], entry["updated"]) == ("2026-03-04T05:06:07Z", "2027-03-04T05:06:07Z")
    assert find(before.with_edits(change.edits), "sst-anomaly").version == "1.1.0"


def test_new_titles_reach_every_link(embedded: Catalog) -> None:
    before = published(embedded)
    # A link that the platform did not make, from a page that no rule asks for.
    foreign = embedded.document("workflows/catalog.json") | {
        "id": "other",
        "links": [{"rel": "related", "href": f"../../{PRODUCT}", "title": "Product: SST anomaly, El Niño 2009/10"}],
    }
    before = before.with_edits({"workflows/other/notes.json": json.dumps(foreign).encode()})
    declared: dict[str, object] = {
        "version": "2.0.0",
        "title": "A better title",
        "workflow": {"kind": "openeo", "entry": "graph.json", "title": "Better anomaly"},
        "product": {"id": "sst-anomaly-el-nino-2009", "title": "Better product"},
    }
    after = published(before, **declared)
    for path in after.files:
        if path.endswith(".json"):
            for link in after.links(path):
                assert "El Niño 2009/10" not in (link.title or ""), path
                assert link.title not in ("Sea surface temperature anomaly", "Anomaly against a reference"), path
    assert after.links("workflows/other/notes.json")[0].title == "Product: Better product"


def test_what_a_new_version_names_no_longer_stops_naming_it(embedded: Catalog) -> None:
    before = published(embedded)
    land = osc(themes=["land"], variables=[], missions=["sentinel-2"])
    after = published(before, version="2.0.0", osc=land)
    for source in ("themes/oceans", "variables/sea-surface-temperature", "eo-missions/envisat", "eo-missions/amsr-e"):
        path = f"{source}/catalog.json"
        assert after.content(path) == embedded.content(path)
    assert links_of(after.links("themes/land/catalog.json"), "child") == [(PRODUCT, "SST anomaly, El Niño 2009/10")]


def test_a_new_workflow_id_and_product_id_leave_the_old_entries_consistent(embedded: Catalog) -> None:
    before = published(embedded)
    after = published(
        before,
        version="2.0.0",
        workflow={"kind": "openeo", "entry": "graph.json", "title": "Second", "id": "second"},
        product={"id": "second-product", "title": "Second product"},
    )
    assert links_of(after.links(WORKFLOW), "child") == []
    assert links_of(after.links("workflows/second/record.json"), "child") == [
        (EXPERIMENT, "Sea surface temperature anomaly")
    ]
    assert links_of(after.links(EXPERIMENT), "child") == [
        ("products/second-product/collection.json", "Second product"),
        (PRODUCT, "SST anomaly, El Niño 2009/10"),
    ]
    assert check(after, [PRODUCT]) == ()


def test_all_unknown_names_are_told_at_once_with_the_nearest(embedded: Catalog) -> None:
    named = osc(
        project="earthcode-example", themes=["ocean", "moon"], variables=["sea-surface-temprature"], missions=["x"]
    )
    with pytest.raises(RefusedError) as refused:
        changeset(embedded, *submitted(osc=named))
    found = {(finding.code, finding.where.split(", ")[1], finding.remedy) for finding in refused.value.findings}
    assert found == {
        ("publish-unknown-project", "osc.project", "Did you mean 'earthcode-examples'?"),
        ("publish-unknown-theme", "osc.themes", "Did you mean 'oceans'?"),
        ("publish-unknown-theme", "osc.themes", "Take one that themes/catalog.json lists."),
        ("publish-unknown-variable", "osc.variables", "Did you mean 'sea-surface-temperature'?"),
        ("publish-unknown-mission", "osc.missions", "Take one that eo-missions/catalog.json lists."),
    }


def test_the_changeset_survives_json(embedded: Catalog) -> None:
    change = changeset(embedded, *submitted())
    assert Changeset.model_validate_json(change.model_dump_json()) == change


def test_the_catalog_that_goes_in_stays_as_it_was(embedded: Catalog) -> None:
    before = dict(embedded.files)
    documents = {path: json.dumps(embedded.document(path)) for path in before if path.endswith(".json")}
    changeset(embedded, *submitted())
    assert dict(embedded.files) == before
    assert {path: json.dumps(embedded.document(path)) for path in documents} == documents
    assert embedded.ids(Kind.PRODUCT) == frozenset()


def test_parts_of_different_experiments_are_not_mixed(embedded: Catalog) -> None:
    ours, ran, made = submitted()
    other = experiment(id="another")
    for mixed in ((pinned(other), ran, made), (ours, run(other), made), (ours, ran, product(other))):
        with pytest.raises(InputError, match="do not belong to"):
            changeset(embedded, *mixed)


def test_equal_values_are_written_out_not_aliased(embedded: Catalog) -> None:
    window = [2006, 2010]
    ours = experiment().model_copy(update={"configuration": {"reference": window, "target": window}})
    change = changeset(embedded, pinned(ours), run(), product())
    text = change.edits["experiments/sst-anomaly/input.yaml"].decode()
    assert "&" not in text
    assert yaml.safe_load(text)["parameters"] == {"reference": [2006, 2010], "target": [2006, 2010]}
