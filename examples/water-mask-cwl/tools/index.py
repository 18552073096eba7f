"""Normalised difference water index of one staged scene: (green - nir) / (green + nir), McFeeters 1996."""

# ruff: noqa: INP001 - a script in a folder of tools, no package

import json
import sys
from pathlib import Path

import numpy as np
import rasterio


def item_of(scene: Path) -> tuple[dict, Path]:
    """Return the only item of a staged catalog, and its folder."""
    catalog = json.loads((scene / "catalog.json").read_text(encoding="utf-8"))
    path = scene / next(link["href"] for link in catalog["links"] if link["rel"] == "item")
    return json.loads(path.read_text(encoding="utf-8")), path.parent


def main(scene: Path, green: str, nir: str, nodata: float) -> None:
    """Write `ndwi.tif` into the current folder."""
    item, folder = item_of(scene)
    missing = [key for key in (green, nir) if key not in item["assets"]]
    if missing:
        sys.exit(f"the scene {item['id']!r} has no asset {missing[0]!r}; it has {', '.join(item['assets'])}")
    bands = []
    for key in (green, nir):
        with rasterio.open(folder / item["assets"][key]["href"]) as opened:
            stored, profile = opened.read(1), opened.profile
        bands.append(np.where(stored == nodata, np.nan, stored.astype("float32")))
    with np.errstate(divide="ignore", invalid="ignore"):
        ndwi = (bands[0] - bands[1]) / (bands[0] + bands[1])
    ndwi[~np.isfinite(ndwi)] = np.nan
    profile.update(driver="GTiff", dtype="float32", nodata=np.nan, count=1, predictor=3, compress="deflate")
    with rasterio.open("ndwi.tif", "w", **profile) as target:
        target.write(ndwi.astype("float32"), 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]))
