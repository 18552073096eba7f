"""What one must have to run something, told by back-ends, addresses, parameters and packages that a record names."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from earthcode_platform.models.catalog_record import ExecutableRecord, ExperimentRecord

__all__ = ["credentials_of"]

_CDSE: Final = "dataspace.copernicus.eu"
_SERVICES: Final = {
    "cdsapi": "A key of the Copernicus Climate Data Store",
    "xcube-cds": "A key of the Copernicus Climate Data Store",
    "copernicusmarine": "An account at the Copernicus Marine Service",
    "xcube-cmems": "An account at the Copernicus Marine Service",
    "sentinelhub": "An account at Sentinel Hub",
    "xcube-sh": "An account at Sentinel Hub",
    "earthaccess": "An account at NASA Earthdata",
    "eumdac": "A key of EUMETSAT",
    "earthengine-api": "An account at Google Earth Engine",
}
"""Services that a package is a client of, and that answer only to those they know."""
_SECRETS: Final = ("password", "passwd", "secret", "token", "api_key", "apikey", "access_key", "credential")


def credentials_of(records: Iterable[ExecutableRecord]) -> tuple[str, ...]:
    """Return what one must have to run a workflow or an experiment, one sentence each.

    Args:
        records: The record, and that of its workflow.
    """
    found: dict[str, None] = {}
    for record in records:
        for backend in record.backends:
            host = urlsplit(backend).hostname or backend
            place = "at the Copernicus Data Space Ecosystem (CDSE)" if host.endswith(_CDSE) else f"at {host}"
            found[f"An account {place}, for the openEO back-end {backend}."] = None
        found.update(dict.fromkeys(record.access))
        for given in record.inputs:
            if given.href.startswith("s3://"):
                found[f"Credentials for the S3 bucket {given.href.split('/')[2]}."] = None
        if isinstance(record, ExperimentRecord):
            found.update(dict.fromkeys(_of_experiment(record)))
    return tuple(found)


def _of_experiment(record: ExperimentRecord) -> Iterable[str]:
    for environment in record.environments:
        for package in environment.packages:
            if package in _SERVICES:
                yield f"{_SERVICES[package]} (its environment installs {package})."
    for parameter in record.parameters:
        if any(word in parameter.name.lower() for word in _SECRETS):
            yield f"A value for the parameter {parameter.name!r}, which is a secret."
