"""Pieces of process graphs, as tests put them together."""

from typing import Any

__all__ = [
    "MONTHS",
    "NDVI",
    "TIME_MEAN",
    "Json",
    "box",
    "clouds",
    "graph",
    "index",
    "load",
    "node",
    "normals",
    "parameter",
    "picked",
    "process",
    "reduced",
    "ref",
]

Json = dict[str, Any]


def ref(name: str) -> Json:
    return {"from_node": name}


def parameter(name: str) -> Json:
    return {"from_parameter": name}


def node(process_id: str, **arguments: Any) -> Json:  # noqa: ANN401 - JSON
    """Return a node; an underscore after an argument's name is left out."""
    return {"process_id": process_id, "arguments": {name.rstrip("_"): value for name, value in arguments.items()}}


def process(*named: tuple[str, Json], **nodes: Json) -> Json:
    """Return a process graph whose last node is the result."""
    every = {**dict(named), **nodes}
    last = list(every)[-1]
    return {"process_graph": {**every, last: {**every[last], "result": True}}}


def graph(*, parameters: list[Json] | None = None, **nodes: Json) -> Json:
    """Return a workflow: `scenes` loaded as `load` unless a node of that name is given, then the nodes."""
    known = [{"name": name, "schema": {"type": "string"}, "optional": True} for name in ("scenes", "months")]
    first = {} if "load" in nodes else {"load": load()}
    return {"parameters": [*known, *(parameters or [])], **process(**first, **nodes)}


def load(**arguments: Any) -> Json:  # noqa: ANN401 - JSON
    return node("load_stac", **{"url": parameter("scenes"), **arguments})


def reduced(data: str, dimension: Any, reducer: Json | str) -> Json:  # noqa: ANN401 - JSON
    called = process(r=node(reducer, data=parameter("data"))) if isinstance(reducer, str) else reducer
    return node("reduce_dimension", data=ref(data), dimension=dimension, reducer=called)


def picked(label: Any, **more: Any) -> Json:  # noqa: ANN401 - JSON
    return node("array_element", data=parameter("data"), label=label, **more)


def index(near_infrared: str = "B08", red: str = "B04") -> Json:
    """Return a reducer that computes the NDVI of two bands."""
    two = node("normalized_difference", x=ref("nir"), y=ref("red"))
    return process(nir=picked(near_infrared), red=picked(red), ndvi=two)


def clouds(condition: Json | None = None) -> Json:
    """Return a reducer that is true where the class is 3 or more."""
    return process(scl=picked("SCL"), cloud=condition or node("gte", x=ref("scl"), y=3))


def box(**edges: Any) -> Json:  # noqa: ANN401 - JSON
    return {"west": 14.9, "south": 45.0, "east": 15.1, "north": 45.2, **edges}


def normals(period: str = "month", years: Any = (2020, 2020)) -> Json:  # noqa: ANN401 - JSON
    return node("climatological_normal", data=ref("load"), period=period, climatology_period=list(years))


MONTHS = load(url=parameter("months"))
TIME_MEAN = reduced("load", "t", "mean")
NDVI = reduced("load", "bands", index())
