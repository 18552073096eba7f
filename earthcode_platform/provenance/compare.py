"""Is a rerun's product the published one?"""

from earthcode_platform.models.comparison import ComparedAsset, Comparison, Verdict
from earthcode_platform.models.product import PublishedExperiment
from earthcode_platform.models.run import RunResult

__all__ = ["compare"]


def compare(published: PublishedExperiment, run: RunResult) -> Comparison:
    """Return the verdict on `run`, by the checksums of values: time stamps and file layout do not count."""
    rerun = {key: produced.data_checksum for key, produced in run.assets.items()}
    assets = tuple(
        ComparedAsset(key=key, published=published.data_checksums.get(key), rerun=rerun.get(key))
        for key in sorted(published.data_checksums.keys() | rerun.keys())
    )
    return Comparison(
        experiment=published.id,
        product=published.product,
        version=published.version,
        verdict=Verdict.IDENTICAL if all(asset.equal for asset in assets) else Verdict.DIFFERENT,
        assets=assets,
    )
