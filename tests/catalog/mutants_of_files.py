"""Changes of files and listings: bytes that are no JSON, strays, what is gone, what is listed, previews, Items."""

import json
from pathlib import PurePosixPath

from mutant_generator import COLLECTIONS, ENTRIES, LISTINGS, Draft, Op

__all__ = ["FILE_OPS"]

ALL = (*ENTRIES, *LISTINGS, "top", "items")
SERVED = "https://esa-earthcode.github.io/open-science-catalog-metadata/"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


def text(m: Draft, **options: object) -> str:
    return json.dumps(m.doc, **({"ensure_ascii": False} | options))  # type: ignore[arg-type] # any of its options


def raw(m: Draft, content: str | bytes) -> None:
    m.content = content if isinstance(content, bytes) else content.encode()


def reversed_keys(m: Draft) -> None:
    m.doc = dict(reversed(m.doc.items()))


def latin(m: Draft) -> None:
    """Write one letter of the description as Latin-1 does."""
    m.set("description", "Zürich")
    raw(m, text(m).encode().replace("Zürich".encode(), "Zürich".encode("latin-1")))


def stray(m: Draft, path: str, content: object) -> None:
    m.files[path] = content if isinstance(content, bytes) else json.dumps(content).encode()


def gone(m: Draft, path: str = "") -> None:
    m.files[path or m.path] = None
    m.fit(when=path or not any(one.startswith(f"{m.folder}/") for one in m.real.catalog.files if one != m.path))


def moved(m: Draft, folder: str) -> None:
    """Rename the folder of an entry without telling anybody."""
    files = [path for path in m.real.catalog.files if path.startswith(f"{m.folder}/")]
    for path in files:
        m.files[path] = None
        m.files[path.replace(m.folder, folder, 1)] = m.real.catalog.content(path)


def renamed(m: Draft, ending: str) -> None:
    m.files[m.path] = None
    m.files[m.path.removesuffix(".json") + ending] = m.real.catalog.content(m.path)


def down(m: Draft) -> str:
    return "item" if m.path.split("/")[0] in ("workflows", "experiments") else "child"


def spelled_otherwise(m: Draft) -> None:
    link = m.link(down(m))
    link["href"] = f"../{m.folder}/x/.././{link['href']}"


def folder_of_an_item(m: Draft) -> None:
    """Put an Item into a folder of its own, and list it as if it were an entry."""
    path = m.real.paths["items"][0]
    m.files["products/zz-new/item.json"] = m.real.catalog.content(path)
    m.add("child", "./zz-new/collection.json", title="New")


def preview(m: Draft) -> str:
    return str(PurePosixPath(m.folder, m.link("preview")["href"]))


def boundless(m: Draft) -> None:
    """Give the first box an end that no reader can hold."""
    m.doc["extent"]["spatial"]["bbox"][0][2] = 12345.5
    raw(m, text(m).replace("12345.5", "1e999"))


def in_words(m: Draft) -> None:
    link = m.link("preview")
    link["proj:shape"] = [str(one) for one in link["proj:shape"]]


def as_png(m: Draft) -> None:
    """Put a PNG of the same shape in the place of the preview."""
    columns_and_rows = b"".join(one.to_bytes(4, "big") for one in reversed(m.link("preview")["proj:shape"]))
    stray(m, preview(m), PNG + columns_and_rows + b"\x08\x02\x00\x00\x00" + bytes(600))


def record(m: Draft) -> dict[str, object]:
    held: dict[str, object] = json.loads(m.real.catalog.content(m.real.paths["experiments"][0]))
    return held


BYTES = [
    Op("cut off", ALL, lambda m: raw(m, text(m)[:-9]), "document-unreadable"),
    Op("nothing in it", ALL, lambda m: raw(m, b""), "document-unreadable"),
    Op("something behind", ALL, lambda m: raw(m, text(m) + "]"), "document-unreadable"),
    Op("a mark in front", ALL, lambda m: raw(m, b"\xef\xbb\xbf" + text(m).encode()), "document-unreadable"),
    Op("in UTF-16", ENTRIES, lambda m: raw(m, text(m).encode("utf-16")), "document-unreadable"),
    Op("in UTF-16 without a mark", ENTRIES, lambda m: raw(m, text(m).encode("utf-16-le")), "document-unreadable"),
    Op("in Latin-1", ENTRIES, latin, "", "EX10", "document-unreadable"),
    Op("a comment", ENTRIES, lambda m: raw(m, "// mine\n" + text(m)), "document-unreadable"),
    Op("a comma too many", ENTRIES, lambda m: raw(m, text(m)[:-1] + ",}"), "document-unreadable"),
    Op("not a number", ENTRIES, lambda m: raw(m, text(m)[:-1] + ', "x": NaN}'), "document-unreadable"),
    Op("a tab in a text", ENTRIES, lambda m: raw(m, text(m)[:-1] + ', "x": "\t"}'), "document-unreadable"),
    Op("a list", ALL, lambda m: raw(m, f"[{text(m)}]"), "document-unreadable"),
    Op("null", ENTRIES, lambda m: raw(m, "null"), "document-unreadable"),
    Op("on one line", ALL, lambda m: raw(m, text(m, separators=(",", ":")))),
    Op("indented by a tab", ALL, lambda m: raw(m, text(m, indent="\t") + "\n\n")),
    Op("lines of Windows", ALL, lambda m: raw(m, text(m, indent=2).replace("\n", "\r\n"))),
    Op("all letters escaped", ALL, lambda m: raw(m, text(m, ensure_ascii=True))),
    Op("keys in reverse", ALL, reversed_keys),
    Op("a key twice", ENTRIES, lambda m: raw(m, '{"id": 7, ' + text(m)[1:])),
    Op("a key twice, the last wrong", ENTRIES, lambda m: raw(m, text(m)[:-1] + ', "id": "x"}'), "id-differs"),
    Op("a number beyond all", ENTRIES, lambda m: raw(m, text(m)[:-1] + ', "x:y": 1e999, "x:z": ' + "9" * 40 + "}")),
    Op("a box beyond all", COLLECTIONS, boundless, "", "EX17", "schema"),
]

STRAYS = [
    Op("a text beside", ENTRIES, lambda m: stray(m, f"{m.folder}/notes.txt", b"Mine.")),
    Op("an image beside", ENTRIES, lambda m: stray(m, f"{m.folder}/figure.png", PNG)),
    Op("an object beside", ENTRIES, lambda m: stray(m, f"{m.folder}/settings.json", {}), "schema"),
    Op(
        "a process graph beside",
        ("workflows", "experiments"),
        lambda m: stray(m, f"{m.folder}/graph.json", {"process_graph": {}}),
        "schema",
    ),
    Op(
        "features beside",
        ENTRIES,
        lambda m: stray(m, f"{m.folder}/area.geojson", {"type": "FeatureCollection", "features": []}),
        "schema",
    ),
    Op(
        "a copy beside",
        ("projects", "themes", "variables", "eo-missions"),
        lambda m: stray(m, f"{m.folder}/copy.json", m.doc),
        "place-unexpected",
    ),
    Op("a copy beside", ("products",), lambda m: stray(m, f"{m.folder}/copy.json", m.doc)),
    Op("a record beside", ENTRIES, lambda m: stray(m, f"{m.folder}/other.json", record(m)), "", "EX09", ""),
    Op("a document at the top", ("top",), lambda m: stray(m, "more.json", m.doc | {"id": "x"}), "place-unexpected"),
    Op("an object at the top", ("top",), lambda m: stray(m, "package.json", {"name": "x"}), "schema"),
    Op("a folder at the top", ("top",), lambda m: stray(m, "scripts/mend.py", b"print()")),
    Op("an unlisted folder", LISTINGS, lambda m: stray(m, f"{m.folder}/zz-new/readme.md", b"New."), "listing-wrong"),
    Op(
        "a folder named like a file",
        LISTINGS,
        lambda m: stray(m, f"{m.folder}/zz.json/readme.md", b"New."),
        "place-unexpected",
    ),
    Op("gone", ENTRIES, gone, "listing-wrong"),
    Op("a listing gone", LISTINGS, lambda m: gone(m, m.path), "", "EX08", "document-unreadable"),
    Op("the top gone", ("top",), lambda m: gone(m, m.path), "", "EX08", "document-unreadable"),
    Op("renamed", ENTRIES, lambda m: moved(m, m.folder + "-2"), "listing-wrong"),
    Op(
        "renamed in capitals",
        ENTRIES,
        lambda m: (
            m.fit(when=m.folder.split("/")[1] != m.folder.split("/")[1].upper()),
            moved(m, f"{m.folder.split('/')[0]}/{m.folder.split('/')[1].upper()}"),
        ),
        "listing-wrong",
    ),
    Op("an Item as GeoJSON", ("items",), lambda m: renamed(m, ".geojson")),
    Op("an Item in capitals", ("items",), lambda m: renamed(m, ".JSON"), "place-unexpected"),
    Op("a folder of an Item alone", ("products/",), folder_of_an_item, "", "EX16", "child-dangling"),
]

LISTED = [
    Op("an entry less", LISTINGS, lambda m: m.doc["links"].remove(m.link(down(m))), "listing-wrong"),
    Op("an entry twice", LISTINGS, lambda m: m.doc["links"].append(m.link(down(m))), "", "EX07", "listing-wrong"),
    Op("an entry of another title", LISTINGS, lambda m: m.relink(down(m), title="Entry"), "link-title-wrong"),
    Op("an entry of no type", LISTINGS, lambda m: m.relink(down(m), type=None), "link-type-wrong"),
    Op(
        "an entry absolute",
        LISTINGS,
        lambda m: m.relink(down(m), href=SERVED + m.folder + "/x/catalog.json"),
        "listing-wrong",
    ),
    Op("an entry spelled otherwise", LISTINGS, spelled_otherwise),
    Op("an entry that is none", LISTINGS, lambda m: m.add(down(m), "./none/catalog.json"), "listing-wrong"),
    Op(
        "an entry of another kind",
        LISTINGS,
        lambda m: m.add(down(m), "../catalog.json", title="Open Science Catalog"),
        "listing-wrong",
    ),
    Op(
        "an entry of the other relation",
        LISTINGS,
        lambda m: m.relink(down(m), rel={"item": "child", "child": "item"}[down(m)]),
        "listing-wrong",
    ),
    Op("a kind less", ("top",), lambda m: m.doc["links"].remove(m.link("child")), "kind-unlisted"),
    Op("a kind twice", ("top",), lambda m: m.doc["links"].append(m.link("child")), "", "EX07", "listing-wrong"),
    Op("a kind of another title", ("top",), lambda m: m.relink("child", title="Kind"), "link-title-wrong"),
    Op("a kind of no type", ("top",), lambda m: m.relink("child", type=None), "link-type-wrong"),
    Op("another child of the top", ("top",), lambda m: m.add("child", "./scripts/catalog.json"), "kind-unlisted"),
]

PREVIEWS = [
    Op("no preview", ("themes",), lambda m: m.unlink("preview"), "preview-wrong"),
    Op("a preview of another type", ("themes",), lambda m: m.relink("preview", type="image/png"), "preview-wrong"),
    Op("a preview of no type", ("themes",), lambda m: m.relink("preview", type=None), "preview-wrong"),
    Op("a preview that is gone", ("themes",), lambda m: gone(m, preview(m)), "preview-wrong"),
    Op("a preview that is empty", ("themes",), lambda m: stray(m, preview(m), b""), "preview-wrong"),
    Op(
        "a preview that is cut off",
        ("themes",),
        lambda m: stray(m, preview(m), b"RIFF\x00\x00\x00\x00WEBPxxxx"),
        "preview-wrong",
    ),
    Op("a preview turned round", ("themes",), lambda m: m.link("preview")["proj:shape"].reverse(), "preview-wrong"),
    Op("a preview of no shape", ("themes",), lambda m: m.link("preview").pop("proj:shape"), "preview-wrong"),
    Op("a preview with a code", ("themes",), lambda m: m.link("preview").update({"proj:epsg": 4326}), "preview-wrong"),
    Op("a preview of no code", ("themes",), lambda m: m.link("preview").pop("proj:epsg", None)),
    Op("a shape in words", ("themes",), in_words, "", "EX13", "preview-wrong"),
    Op(
        "a preview that is no webp",
        ("themes",),
        as_png,
        "",
        "EX13",
        "preview-wrong",
    ),
]

ITEMS = [
    Op("an Item of no version", ("items",), lambda m: m.doc.pop("stac_version"), "", "EX09", "stac-version-wrong"),
    Op("an Item of no geometry", ("items",), lambda m: m.doc.pop("geometry"), "schema"),
    Op("an Item of no links", ("items",), lambda m: m.doc.pop("links"), "schema"),
    Op("an Item of no assets", ("items",), lambda m: m.doc.pop("assets"), "schema"),
    Op("an Item without a moment", ("items",), lambda m: m.doc["properties"].update(datetime="2020"), "schema"),
    Op("an Item of another id", ("items",), lambda m: m.put(id="another")),
    Op("an Item of another title", ("items",), lambda m: m.doc["properties"].update(title="Another")),
    Op(
        "an Item's asset of no address", ("items",), lambda m: m.doc["assets"].update(x={"type": "image/png"}), "schema"
    ),
    Op("an Item's asset", ("items",), lambda m: m.doc["assets"].update(x={"href": "./x.tif", "roles": ["data"]})),
    Op("an Item's box of three", ("items",), lambda m: m.put(bbox=[0, 0, 1]), "schema"),
    Op("an Item's link of no address", ("items",), lambda m: m.doc["links"].append({"rel": "x"}), "schema"),
    Op("an Item's absolute parent", ("items",), lambda m: m.add("parent", "https://x.org/c.json")),
]

FILE_OPS = [*BYTES, *STRAYS, *LISTED, *PREVIEWS, *ITEMS]
"""All of them."""
