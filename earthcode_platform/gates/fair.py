"""FAIR, principle by principle, for an experiment that is not published yet.

Source: EarthCODE documentation, FAIR and Open Science best practices, standards for workflows; the numbers are those of
Wilkinson et al. 2016 (https://doi.org/10.1038/sdata.2016.18) and of FAIR for research software.
"""

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from earthcode_platform.models.experiment import Experiment, WorkflowKind
from earthcode_platform.models.fair import FairReport, Principle, State
from earthcode_platform.models.pinned import PinnedExperiment

__all__ = ["ASKS", "fair", "principle"]

ASKS: Final[Mapping[str, str]] = {
    "F1": "a globally unique and persistent identifier",
    "F1.2": "versions that are told apart",
    "F2": "rich metadata",
    "F3": "metadata that name what they describe",
    "F4": "an index in which it is found",
    "A1": "a standard protocol by which it is fetched",
    "A1.1": "protocols that are open and free",
    "A1.2": "authentication where it is needed",
    "A2": "metadata that outlive the data",
    "I1": "a formal, open language",
    "I2": "vocabularies that others share",
    "I3": "qualified links to other things",
    "R1": "the attributes by which somebody judges it",
    "R1.1": "a clear and open licence",
    "R1.2": "where it comes from",
    "R1.3": "the standards of the field",
    "R2": "the software and data that it uses",
    "R3": "the standards of the field",
}
"""What each principle asks for, in our words."""
_SHORT: Final = 40
_CLOSED: Final = ("proprietary", "various")
_LANGUAGES: Final = {
    WorkflowKind.OPENEO: "an openEO process graph",
    WorkflowKind.CWL: "a CWL package",
    WorkflowKind.NOTEBOOK: "a Jupyter notebook",
    WorkflowKind.MLFLOW: "an MLflow model",
    WorkflowKind.ARGO: "an Argo workflow",
}
_LATER: Final = "the catalog gives it when the experiment is published."


def principle(name: str, evidence: str, missing: str = "", mend: str = "") -> Principle:
    """Return a principle as met by the evidence, or, if something is missing, as not met."""
    state = State.NOT_MET if missing else State.MET
    return Principle(
        name=name, asks=ASKS[name], state=state, evidence=missing or evidence, mend=mend if missing else ""
    )


def fair(pinned: PinnedExperiment) -> FairReport:
    """Return how FAIR an experiment is, as far as it can be said before its publication."""
    return FairReport(kind="experiment", id=pinned.experiment.id, principles=tuple(_principles(pinned)))


def _later(name: str, evidence: str) -> Principle:
    return Principle(name=name, asks=ASKS[name], state=State.NOT_APPLICABLE, evidence=evidence)


def _principles(pinned: PinnedExperiment) -> Iterator[Principle]:
    declared = pinned.experiment
    yield _later("F1", f"{declared.id!r} is unique in the catalog; a DOI is given after publication.")
    yield principle("F1.2", f"it is version {declared.version}, and an archived version is never overwritten.")
    yield _described(declared)
    names = f"{declared.id!r}, {declared.workflow_id!r} and {declared.product.id!r}"
    yield principle("F3", f"its records name experiment, workflow and product: {names}.")
    yield _later("F4", _LATER)
    yield from _accessible(pinned)
    yield _later("A2", "entries of the catalog are kept in git, whatever becomes of the data.")
    kind = declared.workflow.kind
    yield principle("I1", f"it is {_LANGUAGES.get(kind, f'a workflow of the kind {kind.value}')}.")
    yield _vocabularies(declared)
    yield principle("I3", f"its records link project, themes, workflow, product and {len(declared.inputs)} input(s).")
    yield _environment(pinned)
    missing = f"the licence is {declared.license!r}." if declared.license in _CLOSED else ""
    yield principle("R1.1", f"the licence is {declared.license}.", missing, "Take an open one, such as CC-BY-4.0.")
    yield _provenance(pinned)
    yield principle("R2", f"it names its inputs ({', '.join(declared.inputs)}) and its workflow by checksum.")
    yield principle(
        "R3", f"it reads STAC, writes {declared.product.format.value}, and is described as an OGC API Record."
    )


def _described(declared: Experiment) -> Principle:
    checks = {
        f"a description of {_SHORT} characters or more": len(declared.description) >= _SHORT,
        "variables": bool(declared.osc.variables),
        "missions": bool(declared.osc.missions),
        "a contact with an e-mail address": any(contact.email for contact in declared.contacts),
    }
    lacking = [what for what, there in checks.items() if not there]
    missing = f"it lacks {', '.join(lacking)}." if lacking else ""
    return principle(
        "F2", "title, description, themes, variables, missions and contacts are there.", missing, "Add them."
    )


def _accessible(pinned: PinnedExperiment) -> Iterator[Principle]:
    code = pinned.code
    missing = "" if code and code.repository else "no repository is known from which somebody else can fetch the code."
    evidence = f"the code is at {code.repository}." if code else ""
    yield principle("A1", evidence, missing, "Push the folder to a public git repository.")
    schemes = {urlsplit(pin.href).scheme or "file" for pin in pinned.inputs}
    foreign = sorted(schemes - {"http", "https", "file"})
    missing = f"inputs are read by {', '.join(foreign)}, for which keys may be needed." if foreign else ""
    evidence = "inputs are read by HTTP(S), or travel with the product."
    yield principle("A1.1", evidence, missing, "Name their public addresses.")
    yield _later("A1.2", "what is published is open; rights to read inputs are the platform's, and stand in no record.")


def _vocabularies(declared: Experiment) -> Principle:
    osc = declared.osc
    missing = "" if osc.variables else "it names no variable of the catalog."
    evidence = f"themes {', '.join(osc.themes)} and variables {', '.join(osc.variables)} are entries of the catalog."
    return principle("I2", evidence, missing, "List its variables in osc.variables.")


_ENVIRONMENTS: Final = ("requirements.txt", "environment.yml", "environment.yaml", "conda.yaml", "python_env.yaml")


def _environment(pinned: PinnedExperiment) -> Principle:
    kind = pinned.workflow.kind
    if kind is not WorkflowKind.NOTEBOOK:
        return principle("R1", "engine, libraries and versions are recorded with every run.")
    named = [file.name for file in pinned.workflow.files if file.name.rpartition("/")[2] in _ENVIRONMENTS]
    missing = "" if named else "no file says which packages the notebook needs."
    return principle(
        "R1", f"{', '.join(named)} says what it needs.", missing, "Add a requirements.txt to workflow.files."
    )


def _provenance(pinned: PinnedExperiment) -> Principle:
    code = pinned.code
    loose = sum(not (asset.checksum or asset.declared) for pin in pinned.inputs for asset in pin.assets)
    lacking = [] if code else ["no commit names its code"]
    lacking += ["its files differ from their commit"] if code and code.dirty else []
    lacking += [f"{loose} file(s) of the inputs have no checksum"] if loose else []
    missing = f"{'; '.join(lacking)}." if lacking else ""
    evidence = f"commit {code.commit[:12]}, and every file by checksum." if code else ""
    return principle("R1.2", evidence, missing, "Commit the folder, and ask the provider of the data for checksums.")
