"""Water mask of one index raster, with the STAC catalog that a platform takes it by."""

# ruff: noqa: INP001 - a script in a folder of tools, no package

import json
import sys
from pathlib import Path

import numpy as np
import rasterio

BINS = 256
NODATA = 255


def threshold(values: np.ndarray) -> float:
    """Return where the variance between both classes is largest (Otsu 1979), on a histogram of 256 bins."""
    counts, edges = np.histogram(values, bins=BINS)
    centres = (edges[:-1] + edges[1:]) / 2
    low, high = counts.cumsum()[:-1], counts.sum() - counts.cumsum()[:-1]
    total = (counts * centres).cumsum()
    with np.errstate(divide="ignore", invalid="ignore"):
        between = low * high * (total[:-1] / low - (total[-1] - total[:-1]) / high) ** 2
    return float(edges[1:-1][np.nan_to_num(between).argmax()])


def main(index: Path, scene: Path) -> None:
    """Write the folder `masks` into the current one: `catalog.json`, and an item with its mask."""
    with rasterio.open(index) as opened:
        ndwi, profile = opened.read(1), opened.profile
    valid = np.isfinite(ndwi)
    if not valid.any():
        sys.exit("the scene holds no valid pixel")
    limit = threshold(ndwi[valid])
    mask = np.where(valid, ndwi > limit, NODATA).astype("uint8")

    catalog = json.loads((scene / "catalog.json").read_text(encoding="utf-8"))
    staged = scene / next(link["href"] for link in catalog["links"] if link["rel"] == "item")
    source = json.loads(staged.read_text(encoding="utf-8"))
    folder = Path("masks") / staged.parent.name
    folder.mkdir(parents=True)
    profile.update(driver="COG", dtype="uint8", nodata=NODATA)
    for key in ("predictor", "tiled", "blockxsize", "blockysize", "interleave"):
        profile.pop(key, None)
    with rasterio.open(folder / "water-mask.tif", "w", **profile) as target:
        target.write(mask, 1)
        target.set_band_description(1, "water")
        target.update_tags(threshold=f"{limit:.6f}")
    item = {
        "type": "Feature", "stac_version": "1.1.0", "stac_extensions": [],
        "id": source["id"], "geometry": source["geometry"], "bbox": source["bbox"],
        "properties": {"datetime": source["properties"]["datetime"], "title": f"Water mask of {source['id']}"},
        "links": [{"rel": rel, "href": "../catalog.json", "type": "application/json"} for rel in ("root", "parent")],
        "assets": {"water": {"href": "./water-mask.tif", "roles": ["data"],
                             "type": "image/tiff; application=geotiff; profile=cloud-optimized"}},
    }  # fmt: skip
    (folder / f"{folder.name}.json").write_text(json.dumps(item, indent=2), encoding="utf-8")
    content = {
        "type": "Catalog", "stac_version": "1.1.0", "id": "water-masks", "description": "Water masks",
        "links": [{"rel": "root", "href": "./catalog.json", "type": "application/json"},
                  {"rel": "item", "href": f"./{folder.name}/{folder.name}.json", "type": "application/geo+json"}],
    }  # fmt: skip
    Path("masks/catalog.json").write_text(json.dumps(content, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
