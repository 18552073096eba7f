"""A catalog's repository whose reviews are kept in memory: everything else is git for real."""

from pathlib import Path

from earthcode_platform.catalog.objects import Signature
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.errors import UnavailableError
from earthcode_platform.models.review import Review


class ReviewingRepository(CatalogRepository):
    """A repository with pull requests.

    Args:
        bare: The repository.
        workspace: Folder for its cache.
        signature: In whose name it commits.
    """

    def __init__(self, bare: Path, workspace: Path, signature: Signature | None = None) -> None:
        super().__init__(str(bare), workspace, signature=signature)
        self.reviews: dict[str, Review] = {}
        self.asked: list[str] = []
        self.down = False

    def open_review(self, prefix: str) -> str | None:
        return next((branch for branch in self.reviews if branch.startswith(prefix)), None)

    def request_review(self, branch: str, review: Review) -> str:
        self.asked.append(branch)
        if self.down:
            raise UnavailableError("the service did not answer.")
        self.reviews[branch] = review
        return f"https://reviews.example/{branch}"
