"""Deliver: an archived product goes to ESA's Project Results Repository, as a package that it takes."""

from prefect import flow

from tasks.deliver import hand_over, pack_product

__all__ = ["deliver"]


@flow(name="deliver")
def deliver(product: str, version: str | None = None, store: str = "default", delivery: str = "default") -> list[str]:
    """Pack a version of a product, hand it to an application package, and return the files that come back.

    Args:
        product: Id of the product.
        version: The version; the newest if left out.
        store: Name of the results store block it is archived in.
        delivery: Name of the results delivery block: the application package, and what the hand-over says.
    """
    return hand_over(pack_product(product, version, store, delivery), delivery)
