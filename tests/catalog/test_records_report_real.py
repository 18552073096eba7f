"""Can it be executed here? Every workflow and experiment of the real catalog, judged by hand first."""

import pytest

from earthcode_platform.catalog.records.executability import report
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.models.catalog_code import InputForm, Pin
from earthcode_platform.models.catalog_record import RecordKind
from earthcode_platform.models.executability import Executability, ExecutabilityReport, Technology, Verdict

ENGINES = ("openeo", "cwl", "notebook", "mlflow")
RAW = "https://raw.githubusercontent.com"
HUB = "https://github.com"
S3 = "https://s3.waw4-1.cloudferro.com"
CASES = "deepesdl/deepesdl-doc/main/notebooks/science-cases"
PERMAFROST = f"{RAW}/deepesdl/cube-gen/main/Permafrost/Create-CCI-Permafrost-cube-EarthCODE.ipynb"
SALINITY = f"{RAW}/esa-cci/ect-demonstrators/ect-demo/demonstrators/Earthcode/workflow/sss-anomalies.ipynb"
KINSHASA = f"{HUB}/bcdev/earthcode-workflows"
CEREAL = "esa-world-cereal-extent"

NONE, NOTEBOOK, ARGO = Technology.NONE, Technology.NOTEBOOK, Technology.ARGO
OPENEO, CWL = Technology.OPENEO, Technology.CWL
MEND, STRANGE, NO = Verdict.AFTER_MENDING, Verdict.NO_ENGINE, Verdict.NOT_EXECUTABLE

WORKFLOWS = {
    "arceme-datacube-workflow": (NO, NONE, Pin.NOTHING, f"{HUB}/ARCEME/datacubes-processor"),
    "delta-nbr-workflow-example": (
        MEND,
        NOTEBOOK,
        Pin.BRANCH,
        f"{RAW}/ESA-EarthCODE/bids2025-tutorial/main/burnt-area-example/pangeo_on_EarthCODE.ipynb",
    ),
    "downscaling-land-surface-temperature-over-kinshasa": (MEND, NOTEBOOK, Pin.BRANCH, KINSHASA),
    "eradiate-radiative-transfer-workflow": (NO, NONE, Pin.NOTHING, f"{HUB}/eradiate/eradiate"),
    "esa-cci-permafrost": (MEND, NOTEBOOK, Pin.BRANCH, PERMAFROST),
    f"{CEREAL}-workflow": (
        MEND,
        OPENEO,
        Pin.NOTHING,
        f"{S3}/workflows/prod/{CEREAL}-workflow/worldcereal_crop_extent.json",
    ),
    "fairsendd": (MEND, CWL, Pin.BRANCH, f"{RAW}/EarthyScience/FAIRSenDD/refs/heads/main/ogc-app-cwl/fairsendd.cwl"),
    "glambie-workflow-v1.0.190": (NO, NONE, Pin.NOTHING, f"{HUB}/ESA-EarthCODE/glambie"),
    "land-biosphere-society": (MEND, NOTEBOOK, Pin.BRANCH, f"{RAW}/{CASES}/Land_Biosphere_Society.ipynb"),
    "lightning2earthcare-workflow": (NO, NONE, Pin.NOTHING, f"{HUB}/piskalab/lightning2earthcare"),
    "mesoscale-structure": (NO, NONE, Pin.BRANCH, f"{HUB}/johanna-mayer/mesoscale_structure"),
    "pca-on-ocean-data-cube": (MEND, NOTEBOOK, Pin.BRANCH, f"{RAW}/{CASES}/Ocean_Carbon_Cycle.ipynb"),
    "polar-lakes-workflow": (NO, NONE, Pin.NOTHING, "https://zenodo.org/records/17467230"),
    "polaris": (STRANGE, ARGO, Pin.BRANCH, f"{RAW}/gtif-cerulean/polaris/main/workflow.yml"),
    "polarwarp": (STRANGE, ARGO, Pin.BRANCH, f"{RAW}/gtif-cerulean/polarwarp/main/workflow.yml"),
    "sgl-time-series-reproduction": (NO, NONE, Pin.NOTHING, "https://doi.org/10.5281/zenodo.16330564"),
    "sss-cci-global-anomalies": (MEND, NOTEBOOK, Pin.BRANCH, SALINITY),
}
"""Verdict with engines for all four kinds, kind, pin and entry point of each workflow."""

EXPERIMENTS = {
    "downscaling-land-surface-temperature-over-kinshasa": (MEND, NOTEBOOK, KINSHASA, [InputForm.PARAMETERS], "conda"),
    "earthcare-marine-stratocumulus-transitions-experiment": (
        NO,
        NONE,
        f"{HUB}/johanna-mayer/mesoscale_structure",
        [InputForm.REPOSITORY],
        "repository",
    ),
    "esa-cci-permafrost": (MEND, NOTEBOOK, PERMAFROST, [InputForm.MISSING], "missing"),
    f"{CEREAL}-experiment": (
        MEND,
        OPENEO,
        f"{S3}/experiments/prod/{CEREAL}-experiment/process_graph.json",
        [InputForm.EMPTY],
        "empty",
    ),
    "glambie-v1.0.190-experiment": (NO, NONE, f"{HUB}/ESA-EarthCODE/glambie", [InputForm.STAC], "repository"),
    "lightning2earthcare-experiment": (
        NO,
        NONE,
        f"{HUB}/piskalab/lightning2earthcare",
        [InputForm.REPOSITORY],
        "repository",
    ),
    "polaris": (STRANGE, ARGO, f"{RAW}/gtif-cerulean/polaris/main/workflow.yml", [InputForm.PARAMETERS], "comment"),
    "polarwarp": (STRANGE, ARGO, f"{RAW}/gtif-cerulean/polarwarp/main/workflow.yml", [InputForm.PARAMETERS], "comment"),
    "sss-cci-global-anomalies": (MEND, NOTEBOOK, SALINITY, [InputForm.MISSING], "missing"),
}
"""Verdict with engines for all four kinds, kind, entry point, inputs and environment of each experiment."""


@pytest.fixture(scope="module")
def real(real_files: dict[str, bytes]) -> dict[tuple[RecordKind, str], Executability]:
    """The report on the real catalog, with engines for the four kinds of this platform."""
    return {(one.record, one.id): one for one in report(Catalog(real_files), ENGINES).records}


def test_every_record_is_judged(real: dict[tuple[RecordKind, str], Executability]) -> None:
    assert {entry for kind, entry in real if kind is RecordKind.WORKFLOW} == set(WORKFLOWS)
    assert {entry for kind, entry in real if kind is RecordKind.EXPERIMENT} == set(EXPERIMENTS)


@pytest.mark.parametrize("entry", WORKFLOWS)
def test_the_workflows_of_the_real_catalog(entry: str, real: dict[tuple[RecordKind, str], Executability]) -> None:
    found = real[RecordKind.WORKFLOW, entry]
    assert (found.verdict, found.kind, found.entry.pin, found.entry.href) == WORKFLOWS[entry]
    assert not found.pinned
    assert found.missing
    assert found.parameters == ()


@pytest.mark.parametrize("entry", EXPERIMENTS)
def test_the_experiments_of_the_real_catalog(entry: str, real: dict[tuple[RecordKind, str], Executability]) -> None:
    found = real[RecordKind.EXPERIMENT, entry]
    verdict, kind, href, inputs, environment = EXPERIMENTS[entry]
    assert (found.verdict, found.kind, found.entry.href) == (verdict, kind, href)
    assert [given.form for given in found.inputs] == inputs
    assert found.runtime.environment_form is not None
    assert found.runtime.environment_form.value.startswith(environment)
    assert found.entry.named_by == ("" if entry.startswith(CEREAL) else "workflow")
    assert found.missing


def test_the_report_is_the_same_after_a_round_trip(real_files: dict[str, bytes]) -> None:
    found = report(Catalog(real_files), ENGINES)
    assert ExecutabilityReport.model_validate_json(found.model_dump_json()) == found


def test_with_the_engine_of_process_graphs_alone(real_files: dict[str, bytes]) -> None:
    found = report(Catalog(real_files), ["openeo"])
    assert {verdict.value: count for verdict, count in found.counts.items()} == {
        "runnable": 0,
        "after-mending": 2,
        "no-engine": 14,
        "not-executable": 10,
    }
    assert [one.id for one in found.records if one.verdict is MEND] == [f"{CEREAL}-workflow", f"{CEREAL}-experiment"]


def test_what_is_missing_is_said_so_that_it_can_be_mended(
    real: dict[tuple[RecordKind, str], Executability],
) -> None:
    kinshasa = real[RecordKind.EXPERIMENT, "downscaling-land-surface-temperature-over-kinshasa"]
    assert kinshasa.missing == (
        f"Its entry point {KINSHASA} is the folder momo-nbs: name the notebook (.ipynb) in it.",
        "The code of its workflow is at the branch 'main', which moves: name a commit in its address.",
        "Nothing names the data that it reads: add them to its input file by address, best as STAC documents.",
    )
    assert kinshasa.credentials == ("A key of the Copernicus Climate Data Store (its environment installs xcube-cds).",)
    assert (kinshasa.runtime.python_version, kinshasa.runtime.container) == ("3.13", True)
    cereal = real[RecordKind.EXPERIMENT, f"{CEREAL}-experiment"]
    assert [sentence.partition(":")[2] for sentence in cereal.missing if "environment" in sentence] != []
    assert cereal.runtime.backends == ("https://openeofed.dataspace.copernicus.eu/openeo",)
    assert "(CDSE), for the openEO back-end https://openeofed" in cereal.credentials[0]
    polaris = real[RecordKind.EXPERIMENT, "polaris"]
    assert "run it where it was made (EOxHub Workspaces)" in polaris.missing[0]
    assert [(one.name, one.has_value, one.has_schema) for one in polaris.parameters] == [
        ("ICECHART_SHAPEFILE", True, False),
        ("ICECHART_PROVIDER", True, False),
    ]
    glambie = real[RecordKind.EXPERIMENT, "glambie-v1.0.190-experiment"]
    assert any("is its own product" in sentence for sentence in glambie.missing)
    lakes = real[RecordKind.WORKFLOW, "polar-lakes-workflow"]
    assert [(given.href, given.form) for given in lakes.inputs] == [
        ("https://zenodo.org/records/15723722", InputForm.LANDING_PAGE)
    ]
