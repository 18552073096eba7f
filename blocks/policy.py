"""What the gates of this platform let pass."""

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl

from earthcode_platform.models.finding import Severity
from earthcode_platform.models.policy import Permission, Policy, Stage

__all__ = ["GatePolicy"]


class GatePolicy(Block):
    """Which findings refuse at which stage, and which may be waived, by whom and for how long.

    The block `default` counts for all: who starts a run cannot choose another.

    Example:
        ```python
        from blocks.policy import GatePolicy

        policy = GatePolicy.load("BLOCK_NAME")
        policy.get_policy()
        ```
    """

    _block_type_name = "EarthCODE gate policy"
    _block_type_slug = "earthcode-gate-policy"
    _documentation_url = HttpUrl("https://earthcode.esa.int")
    _description = "What the gates of the platform refuse, and which findings may be waived."

    refuses_from: dict[Stage, Severity] = Field(
        default_factory=dict,
        description="The least severity that refuses, by stage (develop, validate, archive); 'error' if left out.",
    )
    refused_codes: list[str] = Field(
        default_factory=list,
        description="Codes that refuse whatever their severity, such as 'reproducibility-*' or 'inputs-license-*'.",
    )
    permissions: list[Permission] = Field(
        default_factory=list,
        description="Findings that may be waived: codes, by whom, and for how many days. Nothing if empty.",
    )

    def get_policy(self) -> Policy:
        """Return the policy."""
        return Policy(
            refuses_from=self.refuses_from,
            refused_codes=tuple(self.refused_codes),
            permissions=tuple(self.permissions),
        )
