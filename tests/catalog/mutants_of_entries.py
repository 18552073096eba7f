"""Changes of links from entry to entry: down to children, and across to what a key names."""

from mutant_generator import CATALOGS, COLLECTIONS, ENTRIES, Draft, Op

__all__ = ["ENTRY_OPS"]

SERVED = "https://esa-earthcode.github.io/open-science-catalog-metadata/"
WITH_PRODUCTS = ("projects", *CATALOGS, "experiments")
"""Kinds whose children are products, and nothing else."""
STAC = (*COLLECTIONS, *CATALOGS)
NAMED = {
    "projects": "project-unknown",
    "variables": "variable-unknown",
    "eo-missions": "mission-unknown",
    "themes": "theme-unknown",
}


def child(m: Draft, **changes: object) -> None:
    """Add a child that is right but for the changes."""
    path = m.any("products")
    m.add("child", m.href(path), **({"title": m.title(path)} | changes))


def absolute(m: Draft, kind: str, *, first: bool = False) -> None:
    """Make a `related` link that a key asks for absolute, and put it first or last."""
    link = m.link("related", f"../../{kind}/")
    path = link["href"].removeprefix("../../")
    m.doc["links"] = [
        one for one in m.doc["links"] if not (one["rel"] == "related" and one["href"].endswith(f"/{path}"))
    ]
    m.doc["links"].insert(0 if first else len(m.doc["links"]), link | {"href": SERVED + path})


DOWN = [
    Op("another child", WITH_PRODUCTS, child),
    Op("child of another title", WITH_PRODUCTS, lambda m: child(m, title="Product"), "link-title-wrong"),
    Op("child of no title", WITH_PRODUCTS, lambda m: child(m, title=None), "link-title-wrong"),
    Op("child of no type", WITH_PRODUCTS, lambda m: child(m, type=None), "link-type-wrong"),
    Op("child of HTML", WITH_PRODUCTS, lambda m: child(m, type="text/html"), "link-type-wrong"),
    Op(
        "child nowhere", WITH_PRODUCTS, lambda m: child(m, href="../../products/none/collection.json"), "child-dangling"
    ),
    Op("child a project", WITH_PRODUCTS, lambda m: child(m, href=m.href(m.any("projects"))), "child-wrong"),
    Op("child an Item", WITH_PRODUCTS, lambda m: child(m, href=m.href(m.any("items"))), "child-wrong"),
    Op("child with a query", WITH_PRODUCTS, lambda m: child(m, href=m.href(m.any("products")) + "?x"), "child-wrong"),
    Op("child absolute", WITH_PRODUCTS, lambda m: child(m, href=SERVED + m.any("products")), "child-dangling"),
    Op("child from the root", WITH_PRODUCTS, lambda m: child(m, href="/" + m.any("products")), "child-dangling"),
    Op("child twice", WITH_PRODUCTS, lambda m: m.doc["links"].append(m.link("child")), strict="link-repeated"),
    Op(
        "child with an escape",
        WITH_PRODUCTS,
        lambda m: child(m, href=m.href(m.any("products"))[:-4] + "%6Ason"),
        "child-wrong",
    ),
    Op(
        "child of a workflow of another title",
        ("workflows",),
        lambda m: m.relink("child", title="X"),
        "link-title-wrong",
    ),
    Op("child of a workflow a product", ("workflows",), child, "child-wrong"),
    Op("child of a product outside", ("products",), lambda m: m.add("child", "https://x.org/c.json")),
    Op("child of a product of HTML", ("products",), lambda m: child(m, type="text/html"), "link-type-wrong"),
    Op(
        "child of a product of another title",
        ("products",),
        lambda m: child(m, title="Data"),
        warns="EX12",
        strict="link-title-wrong",
    ),
    Op("child of a product nowhere", ("products",), lambda m: child(m, href="./none.json"), strict="child-dangling"),
    Op("Item nowhere", STAC, lambda m: m.add("item", "./none.json"), strict="child-dangling"),
    Op("Item of GeoJSON", ("products",), lambda m: m.add("item", "https://x.org/i", type="application/geo+json")),
]

ACROSS = [
    *(
        Op(f"related of {kind}: {name}", ("products",), change, code)
        for kind, code in NAMED.items()
        for name, change in (
            ("another title", lambda m, kind=kind: m.relink("related", f"../../{kind}/", title="Related")),
            ("no title", lambda m, kind=kind: m.relink("related", f"../../{kind}/", title=None)),
            ("gone", lambda m, kind=kind: m.unlink("related", f"../../{kind}/")),
            ("no type", lambda m, kind=kind: m.relink("related", f"../../{kind}/", type=None)),
            ("as via", lambda m, kind=kind: m.relink("related", f"../../{kind}/", rel="via")),
        )
    ),
    *(
        Op(
            f"related of {kind} absolute, last",
            ("products",),
            lambda m, kind=kind: absolute(m, kind),
            "",
            "EX03",
            "link-absolute",
        )
        for kind in NAMED
    ),
    *(
        Op(
            f"related of {kind} absolute, first",
            ("products",),
            lambda m, kind=kind: absolute(m, kind, first=True),
            "link-absolute",
        )
        for kind in NAMED
    ),
    Op(
        "related of a theme gone", ("variables", "projects"), lambda m: m.unlink("related", "/themes/"), "theme-unknown"
    ),
    Op("related of a project gone", ("workflows",), lambda m: m.unlink("related", "/projects/"), "project-unknown"),
    Op(
        "related of a workflow gone", ("experiments",), lambda m: m.unlink("related", "/workflows/"), "workflow-unknown"
    ),
    Op("related of no key, another title", ENTRIES, lambda m: m.add("related", m.href(m.any("variables")), title="V")),
    Op(
        "related nowhere",
        ENTRIES,
        lambda m: m.add("related", "../../variables/none/catalog.json"),
        strict="link-dangling",
    ),
    Op(
        "related of no type",
        (*COLLECTIONS, "experiments", "variables"),
        lambda m: m.add("related", m.href(m.any("variables")), type=None),
        warns="EX12",
        strict="link-type-wrong",
    ),
    Op(
        "related of no type",
        ("workflows",),
        lambda m: m.add("related", m.href(m.any("variables")), type=None),
        "schema",
    ),
    Op("related HTML", ("workflows",), lambda m: m.add("related", "https://x.org", type="text/html")),
    Op(
        "related HTML",
        (*COLLECTIONS, "experiments"),
        lambda m: m.add("related", "https://x.org", type="text/html"),
        "link-type-wrong",
    ),
]


ENTRY_OPS = [*DOWN, *ACROSS]
"""All of them."""
