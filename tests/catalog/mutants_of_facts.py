"""Changes of what documents say of themselves: ids, titles, versions, types, extensions, licenses, dates, extents."""

import unicodedata
from typing import Any

from mutant_generator import CATALOGS, COLLECTIONS, ENTRIES, LISTINGS, RECORDS, Draft, Op

__all__ = ["FACT_OPS"]

STAC = (*COLLECTIONS, *CATALOGS)
NONE = "https://stac.example/none/v1.0.0/schema.json"


def extent(part: str, key: str, value: object, *kinds: str) -> tuple[Any, ...]:
    return kinds or COLLECTIONS, lambda m: m.doc["extent"][part].update({key: value})


def decomposed(m: Draft) -> None:
    found = unicodedata.normalize("NFD", m.held("title"))
    m.fit(when=found != m.facts["title"])
    m.set("title", found)


def box(*values: object) -> tuple[Any, ...]:
    return extent("spatial", "bbox", list(values))


def interval(*values: object) -> tuple[Any, ...]:
    return extent("temporal", "interval", list(values))


def of_version(m: Draft, version: str) -> None:
    m.fit(when=m.doc["stac_version"] == version)


NAMES = [
    Op("another id", ENTRIES, lambda m: m.put(id=m.doc["id"] + "-2"), "id-differs"),
    Op(
        "an id in other case",
        ENTRIES,
        lambda m: (m.fit(when=m.doc["id"] != m.doc["id"].title()), m.put(id=m.doc["id"].title())),
        "id-differs",
    ),
    Op("an id with a blank behind", ENTRIES, lambda m: m.put(id=m.doc["id"] + " "), "id-differs"),
    Op("an id that is a number", ENTRIES, lambda m: m.put(id=7), "id-differs"),
    Op("no id", (*ENTRIES, "items"), lambda m: m.doc.pop("id"), "schema"),
    Op("another id", LISTINGS, lambda m: m.put(id="x"), "id-differs"),
    Op("another id", ("top",), lambda m: m.put(id="x"), "top-wrong"),
    Op("another title", ENTRIES, lambda m: m.set("title", "Something else"), "link-title-wrong"),
    Op("a title with a blank behind", ENTRIES, lambda m: m.set("title", m.held("title") + " "), "link-title-wrong"),
    Op("a title decomposed", ENTRIES, decomposed, "link-title-wrong"),
    Op("an empty title", ENTRIES, lambda m: m.set("title", ""), "title-missing"),
    Op("a title that is a number", ENTRIES, lambda m: m.set("title", 7), "title-missing"),
    Op("no title", (*STAC, *LISTINGS), lambda m: m.drop("title"), "title-missing"),
    Op("no title", RECORDS, lambda m: m.drop("title"), "", "EX04", "title-missing"),
    Op("another title", ("top",), lambda m: m.put(title="Catalog"), "top-wrong"),
    Op("another title", ("experiments/",), lambda m: m.put(title="Runs"), "link-title-wrong"),
    Op("another description", (*ENTRIES, *LISTINGS, "top"), lambda m: m.set("description", "Something else.")),
    Op("an empty description", (*ENTRIES, *LISTINGS), lambda m: m.set("description", ""), "description-missing"),
    Op("no description", STAC, lambda m: m.drop("description"), "description-missing"),
    Op("no description", RECORDS, lambda m: m.drop("description"), "", "EX04", "description-missing"),
    Op("an unknown key", (*ENTRIES, *LISTINGS, "top", "items"), lambda m: m.set("x:note", {"a": [1, None, "ä"]})),
    Op("keywords twice", COLLECTIONS, lambda m: m.set("keywords", ["a", "a"]), "schema"),
    Op("keywords a text", COLLECTIONS, lambda m: m.set("keywords", "a"), "schema"),
    Op("keywords none", COLLECTIONS, lambda m: m.set("keywords", [])),
    Op("keywords twice", RECORDS, lambda m: m.set("keywords", ["a", "a"]), "schema"),
]

VERSIONS = [
    Op("a later version", (*STAC, *LISTINGS), lambda m: m.put(stac_version="1.2.0"), "stac-version-wrong"),
    Op("a later version", ("items", "top"), lambda m: m.put(stac_version="1.2.0"), "stac-version-wrong"),
    Op("a version that is none", (*STAC, "items"), lambda m: m.put(stac_version="newest"), "stac-version-wrong"),
    Op("a release candidate", (*STAC, "items"), lambda m: m.put(stac_version="1.0.0-rc.2"), "stac-version-wrong"),
    Op(
        "an old version",
        (*STAC, *LISTINGS, "items"),
        lambda m: m.put(stac_version="0.9.0"),
        "",
        "EX01",
        "stac-version-wrong",
    ),
    Op("a beta version", STAC, lambda m: m.put(stac_version="1.0.0-beta.2"), "", "EX01", "stac-version-wrong"),
    Op(
        "a version that is a number",
        (*STAC, "items"),
        lambda m: m.put(stac_version=1.0),
        "",
        "EX01",
        "stac-version-wrong",
    ),
    Op("a version that is null", STAC, lambda m: m.put(stac_version=None), "", "EX01", "stac-version-wrong"),
    Op("no version", (*STAC, *LISTINGS), lambda m: m.doc.pop("stac_version"), "stac-version-wrong"),
    Op("a version", RECORDS, lambda m: m.put(stac_version="1.0.0"), "stac-version-wrong"),
    Op(
        "the other version",
        CATALOGS,
        lambda m: m.put(stac_version={"1.0.0": "1.1.0"}.get(m.doc["stac_version"], "1.0.0")),
    ),
    Op("another type", (*STAC, *LISTINGS), lambda m: m.put(type="Thing"), "type-wrong"),
    Op("another type", ("items",), lambda m: m.put(type="Thing"), "type-wrong"),
    Op("no type", (*STAC, "items"), lambda m: m.doc.pop("type"), "type-wrong"),
    Op("another type", RECORDS, lambda m: m.put(type="Collection"), "type-wrong"),
    Op("a FeatureCollection", STAC, lambda m: m.put(type="FeatureCollection"), "", "EX01", "type-wrong"),
    Op("a Catalog for a Collection", COLLECTIONS, lambda m: m.put(type="Catalog"), "type-wrong"),
    Op(
        "an unknown extension",
        (*STAC, "top", "items"),
        lambda m: m.put(stac_extensions=[*m.doc.get("stac_extensions", []), NONE]),
        "schema",
    ),
    Op("an unknown extension", RECORDS, lambda m: m.put(stac_extensions=[NONE]), "", "EX11", "schema"),
    Op(
        "an extension that is no address",
        STAC,
        lambda m: m.put(stac_extensions=[*m.doc.get("stac_extensions", []), "osc"]),
        "schema",
    ),
    Op(
        "an extension that is null",
        STAC,
        lambda m: m.put(stac_extensions=[*m.doc.get("stac_extensions", []), None]),
        "schema",
    ),
    Op(
        "an extension twice",
        COLLECTIONS,
        lambda m: m.doc["stac_extensions"].append(m.doc["stac_extensions"][0]),
        "schema",
    ),
    Op("extensions a text", ("themes", "eo-missions", "top"), lambda m: m.put(stac_extensions="none"), "schema"),
    Op("extensions a text", LISTINGS, lambda m: m.put(stac_extensions="none"), "", "EX11", "extensions-wrong"),
    Op("no extensions", (*COLLECTIONS, "variables"), lambda m: m.doc.pop("stac_extensions"), "extension-missing"),
    Op(
        "an extension less",
        COLLECTIONS,
        lambda m: m.doc["stac_extensions"].remove("https://stac-extensions.github.io/osc/v1.0.0/schema.json"),
        "extension-missing",
    ),
]

EXTENTS = [
    *(
        Op(f"license {value!r}", COLLECTIONS, lambda m, value=value: m.put(license=value), "license-wrong")
        for value in ("other", "", 7, None, "MIT License")
    ),
    *(
        Op(f"license {value!r}", COLLECTIONS, lambda m, value=value: m.put(license=value))
        for value in ("various", "proprietary", "MIT", "CC-BY-4.0")
    ),
    Op("license unknown", COLLECTIONS, lambda m: m.put(license="none-such-1.0"), "schema"),
    Op("no license", COLLECTIONS, lambda m: m.doc.pop("license"), "license-wrong"),
    *(
        Op(f"created {value!r}", ("products", *RECORDS), lambda m, value=value: m.set("created", value), "date-wrong")
        for value in (
            "2026-03-04",
            "2026-03-04T05:06:07",
            "2026-03-04T05:06:07+02:00",
            "2026-02-30T00:00:00Z",
            "2026-03-04T05:06:07z",
            "yesterday",
            2026,
            None,
        )
    ),
    *(
        Op(f"created {value!r}", ("products", *RECORDS), lambda m, value=value: m.set("created", value))
        for value in (
            "2026-03-04T05:06:07Z",
            "2026-03-04 05:06:07.123Z",
            "2026-03-04t05:06:07+00:00",
            "2016-12-31T23:59:60Z",
        )
    ),
    Op("updated no moment", ("projects",), lambda m: m.put(updated="2026"), "date-wrong"),
    Op(
        "updated no moment",
        CATALOGS,
        lambda m: (of_version(m, "1.0.0"), m.put(updated="2026")),
        "",
        "EX02",
        "date-wrong",
    ),
    Op("updated no moment", CATALOGS, lambda m: (of_version(m, "1.1.0"), m.put(updated="2026")), "date-wrong"),
    Op("six numbers in a box", *box([0, 0, 0, 1, 1, 1]), "bbox-wrong"),
    Op("three numbers in a box", *box([0, 0, 1]), "bbox-wrong"),
    Op("a text in a box", *box([0, 0, 1, "1"]), "bbox-wrong"),
    Op("no box", *box(), "bbox-wrong"),
    Op("a box that is null", *box(None), "bbox-wrong"),
    Op("a box of truth", *box([0, 0, 1, True]), "bbox-wrong"),
    Op("a box across the date line", *box([170.5, -90, -170, 90.0])),
    Op("a vast box", *box([-1e300, -0, 1e300, 10**25])),
    Op("one end", *interval(["2020-01-01T00:00:00Z"]), "interval-wrong"),
    Op("three ends", *interval([None, None, None]), "interval-wrong"),
    Op("no interval", *interval(), "interval-wrong"),
    Op("a day for an end", *interval(["2020-01-01", None]), "interval-wrong"),
    Op("an end without a zone", *interval(["2020-01-01T00:00:00", None]), "interval-wrong"),
    Op("an end elsewhere", *interval(["2020-01-01T00:00:00+01:00", None]), "interval-wrong"),
    Op("open ends", *interval([None, None])),
    Op("an interval to now", *interval(["2020-01-01T00:00:00Z", None])),
    Op(
        "an interval reversed", *interval(["2021-01-01T00:00:00Z", "2020-01-01T00:00:00Z"]), "", "", "interval-reversed"
    ),
    Op("no extent", COLLECTIONS, lambda m: m.doc.pop("extent"), "bbox-wrong"),
    Op("an extent that is null", COLLECTIONS, lambda m: m.put(extent=None), "bbox-wrong"),
]


FACT_OPS = [*NAMES, *VERSIONS, *EXTENTS]
"""All of them."""
