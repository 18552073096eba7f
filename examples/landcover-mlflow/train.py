"""Train the model of this example: `python examples/landcover-mlflow/train.py COLLECTION [FOLDER]`.

COLLECTION is a STAC collection with the assets B04, B08 and SCL of 13 August 2023 (any other date: --date). The model
is written to `model/` below FOLDER, which is this example's if left out; what stood there before goes.

The labels are three classes of Sen2Cor's scene classification (SCL): vegetation (4), not vegetated (5), water (6). The
forest sees red and near-infrared reflectance alone, the same number of pixels of each class, drawn with a fixed seed:
the same data and the same releases of the libraries give the same predictions.
"""

# ruff: noqa: INP001 - a script in a folder of an experiment, no package

import argparse
import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np

from earthcode_platform.cubes.load import load
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.errors import EarthCodeError, InputError
from earthcode_platform.models.experiment import InputReference

BANDS: Final = ("B04", "B08")
COLUMNS: Final = ("red", "nir")
CLASSES: Final = (4, 5, 6)
PIXELS: Final = 800
SEED: Final = 20230813


def samples(collection: Path, date: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return reflectances (pixels, bands) and classes (pixels) of one date, as many pixels of each class.

    Raises:
        EarthCodeError: The collection cannot be read, or a class has too few pixels.
    """
    reference = InputReference.model_validate({"href": collection.name, "datetime": f"{date}/{date}"})
    cube = load(pin_input("data", reference, collection.parent), [*BANDS, "SCL"]).isel(t=0).compute()
    values = cube.values.reshape(len(BANDS) + 1, -1)
    draw = np.random.default_rng(SEED)
    chosen = []
    for number in CLASSES:
        found = np.flatnonzero((values[-1] == number) & np.isfinite(values).all(axis=0))
        if len(found) < PIXELS:
            raise InputError(f"{date} has {len(found)} pixels of the class {number}, and {PIXELS} are drawn.")
        chosen.append(np.sort(draw.choice(found, PIXELS, replace=False)))
    drawn = values[:, np.concatenate(chosen)]
    return drawn[:-1].T, drawn[-1].astype("int32")


def train(collection: Path, date: str, folder: Path) -> Path:
    """Train the forest, save it with its signature, and return the folder of the model."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    import mlflow.sklearn
    import pandas as pd
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, Schema
    from sklearn.ensemble import RandomForestClassifier

    reflectances, classes = samples(collection, date)
    table = pd.DataFrame(reflectances.astype("float32"), columns=list(COLUMNS))
    forest = RandomForestClassifier(n_estimators=24, max_depth=8, min_samples_leaf=5, random_state=SEED, n_jobs=1)
    forest.fit(table, classes)
    target = folder / "model"
    if target.exists():
        shutil.rmtree(target)
    mlflow.sklearn.save_model(
        forest,
        target,
        signature=ModelSignature(
            Schema([ColSpec("float", name) for name in COLUMNS]), Schema([ColSpec("integer", "landcover")])
        ),
        # Named here, they need not be found out by loading the model in another process.
        pip_requirements=[f"{name}=={version(name)}" for name in ("mlflow-skinny", "scikit-learn", "numpy", "pandas")],
        serialization_format="cloudpickle",
        metadata={"mlm:tasks": ["classification"]},
    )
    return target


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Train the model of examples/landcover-mlflow.")
    parser.add_argument("collection", type=Path, help="STAC collection with B04, B08 and SCL")
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).resolve().parent)
    parser.add_argument("--date", default="2023-08-13", help="the date to learn from")
    asked = parser.parse_args()
    try:
        print(train(asked.collection.resolve(), asked.date, asked.folder))  # noqa: T201 - a script's answer
    except EarthCodeError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
