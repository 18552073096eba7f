"""Fields that the blocks of all providers have: how much is downloaded, from where, and how often they are asked."""

from typing import Annotated

from pydantic import Field

__all__ = ["AllowedHosts", "Gigabytes", "PatienceSeconds", "PollSeconds"]

Gigabytes = Annotated[float, Field(gt=0, description="Most results, in 10^9 bytes, that are downloaded.")]
AllowedHosts = Annotated[
    list[str],
    Field(
        description="Hosts, as `host` or `host:port`, whose results may be downloaded although they are not on the "
        "public internet.",
    ),
]
PollSeconds = Annotated[
    float,
    Field(
        gt=0,
        le=60,
        description="Seconds between the first two questions how far a job is; later ones are up to a minute apart.",
    ),
]
PatienceSeconds = Annotated[
    float, Field(ge=0, description="Seconds for which it is asked again while it does not answer.")
]
