"""What came of developing an experiment: linters, its own tests, a trial on a small part, an image, and its code."""

from enum import StrEnum

from earthcode_platform.models.finding import Finding
from earthcode_platform.models.frozen import Frozen
from earthcode_platform.models.pinned import CodeVersion
from earthcode_platform.models.run import EngineUsed

__all__ = ["Development", "Estimate", "ImageBuilt", "Measured", "Part", "TestsRun", "Trial"]


class TestsRun(Frozen):
    """One run of the tests that lie in an experiment's folder."""

    # Its name is no test's.
    __test__ = False

    runner: str
    """What ran them: `pytest` or `unittest`."""
    passed: int
    """How many passed."""
    failed: int
    """How many failed, or could not be run."""
    skipped: int
    """How many were skipped."""
    seconds: float
    """Wall-clock time."""
    isolation: str
    """How far they were kept from everything else."""


class Part(StrEnum):
    """Of what a trial takes a part."""

    WHOLE = "whole"
    """Of nothing: it ran on all of them, since that does not take long."""
    AREA = "area"
    """Of the ground: a box in the middle of the inputs."""
    ITEMS = "items"
    """Of the items: the first ones in time."""


class Measured(Frozen):
    """What one run took."""

    share: float
    """Part of the inputs that it ran on, 0 to 1."""
    seconds: float
    """Wall-clock time."""
    memory_bytes: int
    """The most memory it was seen to use beyond what the process held before the trial, its programs included."""


class Estimate(Frozen):
    """What a run on all of the inputs is expected to take on the same machine."""

    seconds: float
    """Wall-clock time: the middle of the lines through every pair of a smaller and a larger trial."""
    seconds_least: float
    """The least of these lines."""
    seconds_most: float
    """The greatest of these lines."""
    memory_bytes: int
    """Memory, if it grows as it did between the trials; workflows that go block by block need less."""


class Trial(Frozen):
    """Runs on a small part of the inputs."""

    part: Part
    """Of what it was a part."""
    first_seconds: float
    """Wall-clock time of the first run, with what is loaded only once."""
    runs: tuple[Measured, ...]
    """The runs that the estimate stands on, in their order."""
    estimate: Estimate
    """What a run on everything is expected to take."""
    engine: EngineUsed
    """What ran it."""

    def __str__(self) -> str:
        estimate = self.estimate
        memory = estimate.memory_bytes / 1024**2
        if self.part is Part.WHOLE:
            return f"All of the inputs took {estimate.seconds:.1f} s and {memory:.0f} MiB."
        shares = " and ".join(f"{share:.2%}" for share in sorted({one.share for one in self.runs}))
        return (
            f"From trials on {shares} of the {self.part.value}, all of it is expected to take {estimate.seconds:.0f} s "
            f"(between {estimate.seconds_least:.0f} and {estimate.seconds_most:.0f} s) and at most {memory:.0f} MiB."
        )


class ImageBuilt(Frozen):
    """The container image of an experiment."""

    name: str
    """Its name with the tag made of its content."""
    identifier: str
    """Its id: the digest of its configuration, `sha256:…`."""
    digest: str
    """Digest of its manifest, `sha256:…`: what the registry calls it if it was pushed; empty if no tool tells."""
    builder: str
    """What built it: `buildah`, `podman` or `docker`."""
    content: str
    """SHA-256 in hexadecimal over its Containerfile and everything beside it."""
    pushed: str = ""
    """Where it was pushed to, as `name@digest`; empty if nowhere."""


class Development(Frozen):
    """What `develop` found out about an experiment."""

    experiment: str
    """Its id."""
    fingerprint: str
    """What decides its result (`PinnedExperiment.fingerprint`)."""
    linters: tuple[str, ...] = ()
    """What looked at the workflow and at its Python code."""
    findings: tuple[Finding, ...] = ()
    """Everything that was found."""
    tests: TestsRun | None = None
    """Its own tests; None if there are none, or they were left out."""
    trial: Trial | None = None
    """The trial; None if it failed or was left out."""
    image: ImageBuilt | None = None
    """Its container image; None without a Containerfile, or where it could not be built."""
    code: CodeVersion | None = None
    """The commit that its folder is at."""
