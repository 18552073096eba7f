"""Changes of what documents say of others: names of other entries, themes, contacts, and what a record is."""

from typing import Any

from mutant_generator import COLLECTIONS, RECORDS, Draft, Op, UnfitError

__all__ = ["REFERENCE_OPS"]

SCHEME = "https://github.com/stac-extensions/osc#theme"


def officer(m: Draft, **changes: object) -> None:
    next(one for one in m.doc["contacts"] if "technical_officer" in one.get("roles", [])).update(changes)


def theme(m: Draft) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in m.held("themes") if one["scheme"] == SCHEME)
    return found


def another_theme(m: Draft, *, at: int, scheme: str = SCHEME) -> None:
    m.held("themes").insert(at, {"scheme": scheme, "concepts": [{"id": "none"}]})


def linked_workflow(m: Draft, title: str = "") -> None:
    path = m.any("workflows")
    name = path.split("/")[1]
    m.set("osc:workflows", [*m.facts.get("osc:workflows", []), name])
    m.add("related", m.href(path), title=title or f"Workflow: {m.title(path)}")


def plain_product(m: Draft, key: str, value: object) -> None:
    m.fit(when=not any("scientific" in one or "contacts" in one for one in m.doc["stac_extensions"]))
    m.set(key, value)


REFERENCES = [
    Op("another osc:type", COLLECTIONS, lambda m: m.set("osc:type", "thing"), "type-wrong"),
    Op("no osc:type", COLLECTIONS, lambda m: m.drop("osc:type"), "type-wrong"),
    Op("another status", COLLECTIONS, lambda m: m.set("osc:status", "finished"), "status-wrong"),
    Op(
        "a status in capitals", COLLECTIONS, lambda m: m.set("osc:status", m.held("osc:status").upper()), "status-wrong"
    ),
    Op("a key of its own", COLLECTIONS, lambda m: m.set("osc:commit", "abc"), "key-unknown"),
    Op("an empty region", ("products",), lambda m: m.set("osc:region", ""), "schema"),
    Op("a region", ("products",), lambda m: m.set("osc:region", "Somewhere")),
    Op("an unknown project", ("products", "workflows"), lambda m: m.set("osc:project", "none"), "project-unknown"),
    Op(
        "a project in other case",
        ("products", "workflows"),
        lambda m: m.set("osc:project", m.held("osc:project").swapcase()),
        "project-unknown",
    ),
    Op(
        "a list of projects",
        ("products", "workflows"),
        lambda m: m.set("osc:project", [m.held("osc:project")]),
        "project-unknown",
    ),
    Op("no project", ("products", "workflows"), lambda m: m.drop("osc:project"), "project-unknown"),
    *(
        Op(f"an unknown one in {key}", ("products",), lambda m, key=key: m.set(key, [*m.held(key), "none"]), code)
        for key, code in (("osc:variables", "variable-unknown"), ("osc:missions", "mission-unknown"))
    ),
    *(
        Op(f"a text in {key}", ("products",), lambda m, key=key: m.set(key, m.held(key)[0]), "schema")
        for key in ("osc:variables", "osc:missions")
    ),
    *(
        Op(
            f"one twice in {key}",
            ("products",),
            lambda m, key=key: m.set(key, [*m.held(key), m.held(key)[0]]),
            "schema",
        )
        for key in ("osc:variables", "osc:missions")
    ),
    *(
        Op(f"none in {key}", ("products",), lambda m, key=key: m.set(key, []))
        for key in ("osc:variables", "osc:missions")
    ),
    *(Op(f"no {key}", ("products",), lambda m, key=key: m.drop(key)) for key in ("osc:variables", "osc:missions")),
    Op("an unknown experiment", ("products",), lambda m: m.set("osc:experiment", "none"), "experiment-unknown"),
    Op(
        "an experiment without its link",
        ("products",),
        lambda m: (m.fit(when="osc:experiment" not in m.doc), m.set("osc:experiment", "polaris")),
        "experiment-unknown",
    ),
    Op("an empty experiment", ("products",), lambda m: m.set("osc:experiment", ""), "schema"),
    Op("an unknown workflow", ("experiments",), lambda m: m.set("osc:workflow", "none"), "workflow-unknown"),
    Op("no workflow", ("experiments",), lambda m: m.drop("osc:workflow"), "workflow-unknown"),
    Op("an unknown workflow", ("projects",), lambda m: m.set("osc:workflows", ["none"]), "workflow-unknown"),
    Op(
        "a workflow without its link",
        ("projects",),
        lambda m: m.set("osc:workflows", [m.any("workflows").split("/")[1]]),
        "workflow-unknown",
    ),
    Op("a workflow with its link", ("projects",), linked_workflow),
    Op("a workflow with its link, another title", ("projects",), lambda m: linked_workflow(m, "W"), "workflow-unknown"),
]

THEMED = ("products", "projects", "variables")
THEMES = [
    Op("an unknown theme", THEMED, lambda m: theme(m)["concepts"].append({"id": "none"}), "theme-unknown"),
    Op(
        "themes of another scheme",
        THEMED,
        lambda m: [one.update(scheme="https://x.org/t") for one in m.held("themes")],
        "theme-unknown",
    ),
    Op("themes of no scheme", THEMED, lambda m: theme(m).pop("scheme"), "theme-unknown"),
    Op("no concepts", THEMED, lambda m: theme(m).update(concepts=[]), "theme-unknown"),
    Op("concepts null", THEMED, lambda m: theme(m).update(concepts=None), "theme-unknown"),
    Op("no themes", THEMED, lambda m: m.drop("themes"), "theme-unknown"),
    Op("themes an object", THEMED, lambda m: m.set("themes", m.held("themes")[0]), "theme-unknown"),
    Op("a theme that is a number", THEMED, lambda m: theme(m)["concepts"].append({"id": 7}), "schema"),
    Op("a theme without an id", THEMED, lambda m: theme(m)["concepts"].append({"title": "x"}), "schema"),
    Op("a theme with a bad address", THEMED, lambda m: theme(m)["concepts"][0].update(url="no address"), "schema"),
    Op(
        "a theme twice", THEMED, lambda m: theme(m)["concepts"].append(theme(m)["concepts"][0]), strict="theme-repeated"
    ),
    Op("themes of another scheme behind", THEMED, lambda m: another_theme(m, at=9, scheme="https://x.org/t")),
    Op("themes of another scheme in front", THEMED, lambda m: another_theme(m, at=0, scheme="https://x.org/t")),
    Op("more themes of the scheme", THEMED, lambda m: another_theme(m, at=9), strict="theme-unlinked"),
    Op("more themes of the scheme in front", THEMED, lambda m: another_theme(m, at=0), "theme-unknown"),
    Op("a theme that is null", THEMED, lambda m: m.held("themes").append(None), "schema"),
    Op(
        "a theme's title", THEMED, lambda m: theme(m)["concepts"][0].update(title="A theme", description="Of the Earth")
    ),
]

CONTACTS = [
    Op("no contacts", ("projects",), lambda m: m.doc.pop("contacts"), "officer-wrong"),
    Op("no officer", ("projects",), lambda m: officer(m, roles=["consortium_member"]), "officer-wrong"),
    Op("an officer of no role", ("projects",), lambda m: officer(m, roles="technical_officer"), "officer-wrong"),
    Op("an officer of two roles", ("projects",), lambda m: officer(m, roles=["owner", "technical_officer"])),
    Op("an officer of one letter", ("projects",), lambda m: officer(m, name="X"), "officer-wrong"),
    Op("an officer of no name", ("projects",), lambda m: officer(m, name=None), "officer-wrong"),
    *(
        Op(
            f"an officer's e-mail {value!r}",
            ("projects",),
            lambda m, value=value: officer(m, emails=[{"value": value}]),
            "officer-wrong",
        )
        for value in ("ada", "ada@host", "ada at x.org", "a..b@x.org", "ä@x.org", "", None)
    ),
    Op(
        "an officer's e-mail in capitals",
        ("projects",),
        lambda m: officer(m, emails=[{"value": "Ada.X+y@Example.ORG"}]),
    ),
    Op("an officer of no e-mail", ("projects",), lambda m: officer(m, emails=[]), "officer-wrong"),
    Op(
        "an officer's second e-mail",
        ("projects",),
        lambda m: officer(m, emails=[{"value": "a@x.org"}, {"value": "b"}]),
        "schema",
    ),
    Op("another contact of no name", ("projects",), lambda m: m.doc["contacts"].append({"roles": ["x"]}), "schema"),
    Op(
        "another contact's e-mail",
        ("projects",),
        lambda m: m.doc["contacts"].append({"name": "B", "emails": [{"value": "b"}]}),
        "schema",
    ),
    Op("another contact", ("projects",), lambda m: m.doc["contacts"].append({"name": "B", "organization": "C"})),
    Op("a telephone", ("projects",), lambda m: m.doc["contacts"][0].update(phones=[{"value": "0123"}]), "schema"),
    Op(
        "a contact's e-mail, unseen",
        ("products",),
        lambda m: plain_product(m, "contacts", [{"name": "B", "emails": [{"value": "b"}]}]),
        strict="email-wrong",
    ),
    Op(
        "an address for a DOI, unseen",
        ("products",),
        lambda m: plain_product(m, "sci:doi", "https://doi.org/10.1234/x"),
        strict="doi-wrong",
    ),
    Op("a parameter of no name", ("products",), lambda m: m.set("cf:parameter", [{"unit": "K"}]), "schema"),
    Op("no parameter", ("products",), lambda m: m.set("cf:parameter", []), "schema"),
]


def conforms(m: Draft, *classes: str) -> None:
    if not m.is_record:
        raise UnfitError
    m.put(conformsTo=list(classes))


OF_RECORDS = [
    Op("conforming to nothing", RECORDS, conforms, "conformance-missing"),
    Op("conforming to something else", RECORDS, lambda m: conforms(m, "https://x.org/core"), "conformance-missing"),
    Op("no conformance", RECORDS, lambda m: m.doc.pop("conformsTo"), "conformance-missing"),
    Op("conforming to more", RECORDS, lambda m: m.doc["conformsTo"].append("https://x.org/core")),
    Op("another type of record", RECORDS, lambda m: m.set("type", "service"), "", "EX05", "type-wrong"),
    Op("no type of record", RECORDS, lambda m: m.drop("type"), "", "EX05", "type-wrong"),
    Op("an unknown type of record", RECORDS, lambda m: m.set("type", "thing"), "schema"),
    Op("no properties", RECORDS, lambda m: m.doc.pop("properties"), "schema"),
    Op("properties null", RECORDS, lambda m: m.put(properties=None), "schema"),
    Op("no geometry", RECORDS, lambda m: m.doc.pop("geometry"), "schema"),
    Op("a geometry that is a text", RECORDS, lambda m: m.put(geometry="POINT (0 0)"), "schema"),
    Op("a point", RECORDS, lambda m: m.put(geometry={"type": "Point", "coordinates": [1, 2]})),
    Op("time a text", RECORDS, lambda m: m.put(time="2020"), "schema"),
    Op("no input", ("experiments",), lambda m: m.unlink("input"), "input-missing"),
    Op("no environment", ("experiments",), lambda m: m.unlink("environment"), "environment-missing"),
    Op("two inputs", ("experiments",), lambda m: m.add("input", "https://x.org/i.yaml"), "", "EX06", "input-repeated"),
    Op(
        "two environments",
        ("experiments",),
        lambda m: m.add("environment", "https://x.org/e"),
        "",
        "EX06",
        "environment-repeated",
    ),
    Op(
        "an input that is nowhere",
        ("experiments",),
        lambda m: m.relink("input", href="./none.yaml"),
        strict="input-file-missing",
    ),
    Op("an input of any type", ("experiments",), lambda m: m.relink("input", type="x/y")),
    Op(
        "an environment that is nowhere",
        ("experiments",),
        lambda m: m.relink("environment", href="./none.yaml"),
        strict="environment-file-missing",
    ),
    Op("themes of a record", RECORDS, lambda m: m.set("themes", []), "schema"),
    Op(
        "a contact's e-mail of a record",
        RECORDS,
        lambda m: m.set("contacts", [{"name": "B", "emails": [{"value": "b"}]}]),
        "schema",
    ),
    Op("a license of a record", RECORDS, lambda m: m.set("license", "other"), "schema"),
]


REFERENCE_OPS = [*REFERENCES, *THEMES, *CONTACTS, *OF_RECORDS]
"""All of them."""
