"""Changes that each break one rule in a catalog that is right."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from earthcode_platform.catalog.snapshot import Catalog

__all__ = ["MUTANTS", "Mutant"]

PRODUCT = "products/sst-anomaly-el-nino-2009/collection.json"
WORKFLOW = "workflows/sst-anomaly-workflow/record.json"
EXPERIMENT = "experiments/sst-anomaly/record.json"
PROJECT = "projects/earthcode-examples/collection.json"
THEME = "themes/oceans/catalog.json"
VARIABLE = "variables/sea-surface-temperature/catalog.json"
MISSION = "eo-missions/envisat/catalog.json"
LISTING = "products/catalog.json"
TOP = "catalog.json"
OSC_SCHEME = "https://github.com/stac-extensions/osc#theme"

Change = Callable[[dict[str, Any]], object]


class Mutant(NamedTuple):
    """A change of one document, and the rule that must refuse it."""

    code: str
    path: str
    change: Change
    found_in: str = ""
    """Where the finding is, if not in the changed document."""
    exception: str = ""
    """Number of the exception: gate mode only warns."""

    def of(self, catalog: Catalog) -> Catalog:
        """Return the catalog with the change."""
        document = json.loads(catalog.content(self.path))
        before = json.dumps(document)
        self.change(document)
        assert json.dumps(document) != before
        return catalog.with_edits({self.path: json.dumps(document, indent=2).encode()})


def put(**changes: object) -> Change:
    return lambda document: document.update(changes)


def record(**changes: object) -> Change:
    return lambda document: document["properties"].update(changes)


def set_key(key: str, value: object, *, inside: str = "") -> Change:
    return lambda document: (document[inside] if inside else document).update({key: value})


def drop(key: str, *, inside: str = "") -> Change:
    return lambda document: (document[inside] if inside else document).pop(key)


def without(rel: str, part: str = "") -> Change:
    def change(document: dict[str, Any]) -> None:
        document["links"] = [one for one in document["links"] if one["rel"] != rel or part not in one["href"]]

    return change


def linked(rel: str, part: str = "", **changes: object) -> Change:
    def change(document: dict[str, Any]) -> None:
        next(one for one in document["links"] if one["rel"] == rel and part in one["href"]).update(changes)

    return change


def added(rel: str, href: str, **more: object) -> Change:
    link = {"rel": rel, "href": href, "type": "application/json", **more}
    return lambda document: document["links"].append(link)


def again(rel: str, **changes: object) -> Change:
    return lambda document: document["links"].append(
        next(one for one in document["links"] if one["rel"] == rel) | changes
    )


def extent(part: str, key: str, value: object) -> Change:
    return lambda document: document["extent"][part].update({key: value})


def contact(**changes: object) -> Change:
    def change(document: dict[str, Any]) -> None:
        held = document.setdefault("contacts", [{"name": "Ada Example", "emails": [{"value": "ada@noreply.invalid"}]}])
        held[0].update(changes)

    return change


def theme(*ids: str) -> Change:
    """A second themes object, which the official validator does not look at."""
    second = {"scheme": OSC_SCHEME, "concepts": [{"id": one} for one in ids]}
    return lambda document: document.get("properties", document)["themes"].append(second)


def unlinked_workflows(document: dict[str, Any]) -> None:
    """A project that names no workflow; naming one without linking it would be refused by the gate."""
    drop("osc:workflows")(document)
    without("related", "workflows/")(document)


def self_link(href: str) -> Change:
    return added("self", href)


def first_self(href: str) -> Change:
    return lambda document: document["links"].insert(0, {"rel": "self", "href": href})


SERVED = "https://esa-earthcode.github.io/open-science-catalog-metadata/"
EMAIL = [{"value": "ada at example"}]

MUTANTS = [
    Mutant("id-differs", PRODUCT, put(id="another")),
    Mutant("title-missing", VARIABLE, put(title="")),
    Mutant("title-missing", LISTING, put(title="")),
    Mutant("description-missing", MISSION, drop("description")),
    Mutant("description-missing", WORKFLOW, record(description="")),
    Mutant("stac-version-wrong", THEME, put(stac_version="0.9.0"), exception="EX01"),
    Mutant("stac-version-wrong", MISSION, put(stac_version="1.2.0")),
    Mutant("stac-version-wrong", TOP, put(stac_version="1.2.0")),
    Mutant("stac-version-wrong", LISTING, drop("stac_version")),
    Mutant("license-wrong", PRODUCT, put(license="other")),
    Mutant("license-wrong", PROJECT, drop("license")),
    Mutant("date-wrong", PRODUCT, put(created="2026-03-04")),
    Mutant("date-wrong", EXPERIMENT, record(updated="2026-03-04T05:06:07+02:00")),
    Mutant("bbox-wrong", PRODUCT, extent("spatial", "bbox", [[0, 0, 0, 1, 1, 1]])),
    Mutant("bbox-wrong", PROJECT, extent("spatial", "bbox", [])),
    Mutant("interval-wrong", PRODUCT, extent("temporal", "interval", [["2020-01-01T00:00:00Z"]])),
    Mutant("interval-wrong", PROJECT, extent("temporal", "interval", [["2020-01-01", None]])),
    Mutant(
        "interval-reversed",
        PRODUCT,
        extent("temporal", "interval", [["2021-01-01T00:00:00Z", "2020-12-31T23:59:59Z"]]),
    ),
    Mutant("theme-repeated", PRODUCT, lambda it: it["themes"][0]["concepts"].append(it["themes"][0]["concepts"][0])),
    Mutant("root-wrong", PRODUCT, without("root")),
    Mutant("root-wrong", LISTING, linked("root", href="./catalog.json")),
    Mutant("parent-wrong", VARIABLE, linked("parent", href="../../catalog.json")),
    Mutant("link-title-wrong", MISSION, linked("parent", title="Missions")),
    Mutant("link-title-wrong", "projects/catalog.json", linked("child", title="Another project")),
    Mutant("link-title-wrong", VARIABLE, put(title="Warmth"), "variables/catalog.json"),
    Mutant("link-type-wrong", PRODUCT, linked("via", type="image/png")),
    Mutant("link-type-wrong", THEME, added("via", "https://example.org", type="image/png"), exception="EX02"),
    Mutant("root-wrong", THEME, linked("root", type="text/html")),
    Mutant("link-type-wrong", THEME, linked("child", type="text/html")),
    Mutant("link-type-wrong", TOP, linked("child", type="text/html")),
    Mutant("link-absolute", MISSION, linked("parent", href=f"{SERVED}eo-missions/../../catalog.json")),
    Mutant("link-absolute", PRODUCT, added("related", f"{SERVED}{THEME}"), exception="EX03"),
    Mutant("link-type-wrong", PRODUCT, linked("related", type="text/html")),
    Mutant("self-foreign", PRODUCT, self_link("https://example.org/collection.json"), exception="EX03"),
    Mutant("self-foreign", MISSION, first_self("https://example.org/collection.json")),
    Mutant("child-dangling", PROJECT, added("child", "../../products/nothing/collection.json", title="Nothing")),
    Mutant("self-stale", MISSION, self_link(f"{SERVED}eo-missions/gone/catalog.json")),
    Mutant("self-elsewhere", MISSION, self_link(f"{SERVED}eo-missions/sentinel-2/catalog.json")),
    Mutant("link-repeated", PRODUCT, again("via")),
    Mutant("link-dangling", WORKFLOW, added("related", "../../themes/ocean/catalog.json", title="Theme: Ocean")),
    Mutant("link-dangling", PRODUCT, added("cite-as", "10.1234/5678")),
    Mutant("type-wrong", PRODUCT, set_key("osc:type", "project")),
    Mutant("type-wrong", PROJECT, put(type="Catalog")),
    Mutant("type-wrong", WORKFLOW, record(type="experiment"), exception="EX05"),
    Mutant("type-wrong", WORKFLOW, put(type="Collection")),
    Mutant("type-wrong", EXPERIMENT, record(type="workflow"), exception="EX05"),
    Mutant("type-wrong", THEME, put(type="Collection")),
    Mutant("type-wrong", VARIABLE, put(type="Collection")),
    Mutant("type-wrong", MISSION, drop("type")),
    Mutant("type-wrong", LISTING, put(type="Collection")),
    Mutant("status-wrong", PRODUCT, set_key("osc:status", "finished")),
    Mutant("status-wrong", PROJECT, drop("osc:status")),
    Mutant("extension-missing", PRODUCT, put(stac_extensions=[])),
    Mutant("extension-missing", PROJECT, lambda it: it["stac_extensions"].pop()),
    Mutant("extension-missing", VARIABLE, drop("stac_extensions")),
    Mutant("key-unknown", PRODUCT, set_key("osc:commit", "abc")),
    Mutant("key-unknown", PROJECT, set_key("osc:region", "Pacific")),
    Mutant("via-missing", PRODUCT, without("via")),
    Mutant("theme-unknown", PRODUCT, lambda it: it["themes"][0]["concepts"].append({"id": "nothing"})),
    Mutant("theme-unknown", PRODUCT, lambda it: it["themes"][0].update(scheme="https://example.org/themes")),
    Mutant("theme-unknown", PROJECT, drop("themes")),
    Mutant("theme-unknown", VARIABLE, lambda it: it["themes"][0].update(concepts=[])),
    Mutant("theme-unknown", VARIABLE, without("related", "themes")),
    Mutant("theme-unlinked", PRODUCT, theme("land")),
    Mutant("theme-unlinked", PROJECT, theme("nothing")),
    Mutant("theme-unlinked", VARIABLE, theme("land")),
    Mutant("theme-unlinked", WORKFLOW, theme("land")),
    Mutant("theme-unlinked", EXPERIMENT, theme("land")),
    Mutant("email-wrong", PRODUCT, contact(emails=EMAIL)),
    Mutant("email-wrong", PROJECT, contact(emails=[{"value": "ada@noreply.invalid"}, *EMAIL])),
    Mutant("email-wrong", WORKFLOW, record(contacts=[{"name": "Ada", "emails": EMAIL}])),
    Mutant("email-wrong", EXPERIMENT, record(contacts=[{"name": "Ada", "emails": EMAIL}])),
    Mutant("doi-wrong", PRODUCT, set_key("sci:doi", "https://doi.org/10.1234/5678")),
    Mutant("doi-wrong", PRODUCT, set_key("sci:publications", [{"doi": "none"}])),
    Mutant("project-unknown", PRODUCT, set_key("osc:project", "nothing")),
    Mutant("project-unknown", PRODUCT, linked("related", "projects/", title="Project")),
    Mutant("project-unknown", WORKFLOW, drop("osc:project", inside="properties")),
    Mutant("variable-unknown", PRODUCT, set_key("osc:variables", ["vegetation-index"])),
    Mutant("variable-unknown", PRODUCT, linked("related", "variables/", title="Sea Surface Temperature")),
    Mutant("mission-unknown", PRODUCT, set_key("osc:missions", ["nothing"])),
    Mutant("experiment-unknown", PRODUCT, without("related", "experiments/")),
    Mutant("workflow-unknown", EXPERIMENT, set_key("osc:workflow", "nothing", inside="properties")),
    Mutant("back-link-missing", PROJECT, without("child", "products/"), PRODUCT),
    Mutant("back-link-missing", THEME, without("child", "products/"), PRODUCT),
    Mutant("back-link-missing", VARIABLE, without("child", "products/"), PRODUCT),
    Mutant("back-link-missing", MISSION, without("child", "products/"), PRODUCT),
    Mutant("record-link-missing", EXPERIMENT, without("child"), PRODUCT),
    Mutant("record-link-missing", WORKFLOW, without("child"), EXPERIMENT),
    Mutant("record-link-missing", PROJECT, drop("osc:workflows"), WORKFLOW),
    Mutant("record-link-missing", PROJECT, unlinked_workflows, WORKFLOW),
    Mutant("officer-wrong", PROJECT, contact(roles=["consortium_member"])),
    Mutant("officer-wrong", PROJECT, contact(emails=EMAIL)),
    Mutant("officer-wrong", PROJECT, contact(name="")),
    Mutant("child-wrong", PROJECT, linked("child", href=f"../../{WORKFLOW}")),
    Mutant("child-wrong", WORKFLOW, linked("child", href=f"../../{PRODUCT}")),
    Mutant("child-wrong", EXPERIMENT, linked("child", href="https://example.org/collection.json")),
    Mutant("conformance-missing", WORKFLOW, drop("conformsTo")),
    Mutant("conformance-missing", EXPERIMENT, put(conformsTo=["https://example.org/core"])),
    Mutant("input-missing", EXPERIMENT, without("input")),
    Mutant("environment-missing", EXPERIMENT, without("environment")),
    Mutant("input-repeated", EXPERIMENT, again("input"), exception="EX06"),
    Mutant("environment-repeated", EXPERIMENT, added("environment", "https://x.org/e.yaml"), exception="EX06"),
    Mutant("title-missing", WORKFLOW, drop("title", inside="properties"), exception="EX04"),
    Mutant("description-missing", EXPERIMENT, drop("description", inside="properties"), exception="EX04"),
    Mutant("id-reserved", THEME, put(id="osc")),
    Mutant("via-missing", PROJECT, without("via")),
    Mutant("via-missing", VARIABLE, without("via")),
    Mutant("via-missing", MISSION, without("via")),
    Mutant("child-wrong", THEME, linked("child", href=f"../../{PROJECT}")),
    Mutant("child-wrong", VARIABLE, linked("child", href=f"../../{PROJECT}")),
    Mutant("workflow-unknown", PROJECT, set_key("osc:workflows", ["nothing"])),
    Mutant("id-differs", LISTING, put(id="another")),
    Mutant("child-dangling", PRODUCT, added("item", "./gone.json")),
    Mutant("root-wrong", TOP, added("parent", "../catalog.json")),
    Mutant("description-missing", LISTING, put(description="")),
    Mutant("link-title-wrong", TOP, linked("child", title="Another")),
    Mutant("link-title-wrong", MISSION, again("parent", title="Another"), exception="EX12"),
    Mutant("input-file-missing", EXPERIMENT, linked("input", href="./gone.yaml")),
    Mutant("environment-file-missing", EXPERIMENT, linked("environment", href="./gone.yaml")),
    Mutant("preview-wrong", THEME, without("preview")),
    Mutant("preview-wrong", THEME, linked("preview", type="image/png")),
    Mutant("preview-wrong", THEME, linked("preview", href="./gone.webp")),
    Mutant("preview-wrong", THEME, linked("preview", **{"proj:shape": [1, 1]})),
    Mutant("top-wrong", TOP, put(id="another")),
    Mutant("kind-unlisted", TOP, without("child", "themes/")),
    Mutant("listing-wrong", LISTING, without("child")),
    Mutant("listing-wrong", LISTING, again("child"), exception="EX07"),
    Mutant("listing-wrong", TOP, again("child"), exception="EX07"),
    Mutant("listing-wrong", "experiments/catalog.json", added("item", "../themes/oceans/catalog.json", title="Oceans")),
]
"""At least one for each rule of each kind; the path that is too long has a test of its own."""
