"""Changes of links up, to itself and to the outside, and of the shapes of links."""

from mutant_generator import CATALOGS, COLLECTIONS, ENTRIES, LISTINGS, RECORDS, Draft, Op

__all__ = ["LINK_OPS"]

SERVED = "https://esa-earthcode.github.io/open-science-catalog-metadata/"
WITH_VIA = (*COLLECTIONS, "variables", "eo-missions")
WITH_SCHEMA = (*COLLECTIONS, *RECORDS)
"""Kinds whose own schema the official validator applies."""
STAC = (*COLLECTIONS, *CATALOGS)


def respell(m: Draft, rel: str, change: str) -> None:
    link = m.link(rel)
    link["href"] = change.format(link["href"])


def shuffled(m: Draft) -> None:
    m.fit(when=not any("://" in one["href"] for one in m.doc["links"] if one["rel"] in ("related", "child", "item")))
    m.without("self")
    m.rng.shuffle(m.doc["links"])


UP = [
    Op("no root", (*ENTRIES, *LISTINGS, "top"), lambda m: m.unlink("root"), "root-wrong"),
    Op("no parent", (*ENTRIES, *LISTINGS), lambda m: m.unlink("parent"), "parent-wrong"),
    Op("a parent of the top", ("top",), lambda m: m.add("parent", "../catalog.json"), "root-wrong"),
    Op("root a step too far", (*ENTRIES, *LISTINGS), lambda m: respell(m, "root", "../{}"), "root-wrong"),
    Op("root spelled otherwise", (*ENTRIES, *LISTINGS, "top"), lambda m: respell(m, "root", "./x/../{}")),
    Op("parent with a slash behind", ENTRIES, lambda m: respell(m, "parent", "{}/")),
    Op("parent with a query", ENTRIES, lambda m: respell(m, "parent", "{}?f=json"), "parent-wrong"),
    Op("parent with a fragment", ENTRIES, lambda m: respell(m, "parent", "{}#top"), "parent-wrong"),
    Op("parent with an escape", ENTRIES, lambda m: m.relink("parent", href="../catalog%2Ejson"), "parent-wrong"),
    Op("parent with a backslash", ENTRIES, lambda m: m.relink("parent", href="..\\catalog.json"), "parent-wrong"),
    Op("parent absolute", ENTRIES, lambda m: m.relink("parent", href=SERVED + "catalog.json"), "parent-wrong"),
    Op("root of HTML", (*ENTRIES, *LISTINGS, "top"), lambda m: m.relink("root", type="text/html"), "root-wrong"),
    Op("root of no type", (*ENTRIES, *LISTINGS, "top"), lambda m: m.relink("root", type=None), "root-wrong"),
    Op("parent of another title", (*ENTRIES, *LISTINGS), lambda m: m.relink("parent", title="Up"), "link-title-wrong"),
    Op("root of no title", (*ENTRIES, *LISTINGS, "top"), lambda m: m.relink("root", title=None), "link-title-wrong"),
    Op("root twice", ENTRIES, lambda m: m.doc["links"].append(m.link("root")), strict="link-repeated"),
    Op(
        "another root of another title",
        ENTRIES,
        lambda m: m.add("root", m.link("root")["href"]),
        warns="EX12",
        strict="link-title-wrong",
    ),
]

SELF = [
    Op(
        "self foreign, last", ENTRIES, lambda m: m.add("self", "https://example.org/x.json"), "", "EX03", "self-foreign"
    ),
    Op("self foreign, first", ENTRIES, lambda m: m.add("self", "https://x.org/x.json", first=True), "self-foreign"),
    Op("self right", ENTRIES, lambda m: (m.without("self"), m.add("self", SERVED + m.path))),
    Op("self stale", ENTRIES, lambda m: m.add("self", f"{SERVED}{m.folder}x/gone.json"), strict="self-stale"),
    Op("self in a listing", LISTINGS, lambda m: (m.without("self"), m.add("self", SERVED + m.path))),
]

SHAPES = [
    Op("links null", (*ENTRIES, *LISTINGS, "top"), lambda m: m.put(links=None), "root-wrong"),
    Op("links a text", ENTRIES, lambda m: m.put(links="none"), "root-wrong"),
    Op("links missing", (*ENTRIES, *LISTINGS), lambda m: m.doc.pop("links"), "root-wrong"),
    Op("a link null", (*ENTRIES, *LISTINGS), lambda m: m.doc["links"].append(None), "schema"),
    Op("a link without address", ENTRIES, lambda m: m.add("cite-as", "x", href=None), "schema"),
    Op("a link without relation", ENTRIES, lambda m: m.doc["links"].append({"href": "https://example.org"}), "schema"),
    Op("a link with a number for a title", ENTRIES, lambda m: m.add("about", "https://x.org", title=7), "schema"),
    Op(
        "a link with a number for an address",
        ENTRIES,
        lambda m: m.doc["links"].append({"rel": "x", "href": 1}),
        "schema",
    ),
    Op("a foreign link", ENTRIES, lambda m: m.add("license", "https://x.org/l", type="text/html")),
    Op("a foreign link in a listing", LISTINGS, lambda m: m.add("license", "https://x.org/l"), "schema"),
    Op("links in another order", ENTRIES, shuffled),
    Op("a link with more keys", ENTRIES, lambda m: m.link("root").update({"x:size": 1, "length": 3})),
]

VIA = [
    Op("no via", WITH_VIA, lambda m: m.unlink("via"), "via-missing"),
    Op("no via", ("themes", *RECORDS), lambda m: m.unlink("via")),
    Op("via an image", WITH_SCHEMA, lambda m: m.add("via", "https://x.org", type="image/png"), "link-type-wrong"),
    Op(
        "via an image",
        CATALOGS,
        lambda m: m.add("via", "https://x.org", type="image/png"),
        "",
        "EX02",
        "link-type-wrong",
    ),
    Op("via of no type", ENTRIES, lambda m: m.add("via", "https://x.org/no-type", type=None)),
    Op("via of another title", ENTRIES, lambda m: m.relink("via", title="Somewhere else")),
    Op("via with a blank", WITH_SCHEMA, lambda m: m.add("via", "https://x.org/a b"), "schema"),
    Op("via with a blank", CATALOGS, lambda m: m.add("via", "https://x.org/a b"), "", "EX02", "schema"),
    Op("via with an umlaut", WITH_SCHEMA, lambda m: m.add("via", "https://x.org/ä"), "schema"),
    Op("via with an umlaut", CATALOGS, lambda m: m.add("via", "https://x.org/ä"), "", "EX02", "schema"),
    Op("via a mailbox", STAC, lambda m: m.add("via", "mailto:ada@example.org"), "schema"),
    Op("via a mailbox", RECORDS, lambda m: m.add("via", "mailto:ada@example.org")),
    Op("via a fragment", STAC, lambda m: m.add("via", "#here"), "schema"),
    Op("via nowhere", STAC, lambda m: m.add("via", ""), "schema"),
    Op("via a query", ENTRIES, lambda m: m.add("via", "https://x.org/?a=1&b=%20#c")),
    Op("via a host alone", ENTRIES, lambda m: m.add("cite-as", "www.example.org"), strict="link-dangling"),
]


LINK_OPS = [*UP, *SELF, *SHAPES, *VIA]
"""All of them."""
