"""Why cases of the openEO test suite do not pass: what they say against the specification, by process and number."""

__all__ = ["REASONS"]

_SWAPPED = "expects the opposite: here the polygon lies hundreds of kilometres away from the data"
_JANUARY = "the intervals lie in January 2020 and the dates in June; the values expected are those of June"
_NOT_A_GRAPH = "the condition is no process graph: `process_graph` is missing around its nodes"
_CONDITION = "gives the argument `process`, which is called `condition`, and no `condition`"

REASONS: dict[str, str] = {
    "aggregate_temporal 6": _JANUARY,
    "aggregate_temporal 7": _JANUARY,
    "aggregate_temporal 8": _JANUARY,
    "aggregate_temporal 9": _JANUARY,
    "aggregate_temporal 10": "`labels` stands in the reducer; the intervals are of January, the dates of June",
    "aggregate_temporal 11": "the values expected are medians; the reducer is `mean`",
    "aggregate_temporal_period 4": "expects four labels of days; the period is `hour`, and there are five hours",
    "aggregate_temporal_period 5": "expects labels of hours; the period is `day`, with labels such as `2020-153`",
    "aggregate_temporal_period 9": "expects the dimension `t`; the cube has `t2`, and the name of a dimension stays",
    "aggregate_temporal_period 10": "expects the dimension `t`; the cube has `t2`, and the name of a dimension stays",
    "apply 3": "expects 1650 for a pixel that is no-data (255)",
    "apply_dimension 2": "the quantiles expected take no-data for the smallest value; `quantiles` ignores no-data",
    "apply_dimension 3": "asks for the dimension `bands` of a cube that has none",
    "array_append 1": "expects [1] after 0 was appended to an empty array",
    "array_apply 9": "calls the process `mulitply`, which does not exist",
    "array_element 4": "asks for the label `BO2`, with the letter O, of an array that has `B02`",
    "array_filter 1": _CONDITION,
    "array_filter 2": _CONDITION,
    "array_filter 3": _CONDITION,
    "array_filter 4": _CONDITION,
    "array_filter 5": _CONDITION,
    "array_filter 6": _CONDITION,
    "array_filter 7": _CONDITION,
    "array_find 7": "expects index 1 for the first element; indices count from zero",
    "array_modify 4": "removes nothing, for `length` is 0 by default, and expects one element less",
    "count 5": _NOT_A_GRAPH,
    "count 6": _NOT_A_GRAPH,
    "filter_bands 5": "asks for red and blue as the case before it, and expects bands called blue and green",
    "lte 16": "expects infinity not to be less than or equal to itself, against IEEE 754 and `gte 16`",
    "mask 1": "expects what is not masked to be replaced; the mask replaces where it is not zero",
    "mask 2": "refers to a file that the suite does not have",
    "mask 3": "expects what is not masked to be replaced; the mask replaces where it is not zero",
    "mask_polygon 1": _SWAPPED,
    "mask_polygon 2": _SWAPPED,
    "mask_polygon 7": "in one of 24 planes the cube expected keeps four pixels that all others lose",
    "mod 17": "expects 2 for 2 modulo minus infinity; the result has the sign of the divisor",
    "product 11": "expects NaN for a product of infinities of both signs; by IEEE 754 it is minus infinity",
    "reduce_dimension 2": "refers to the results of nodes by `from_argument`",
    "rename_dimension 4": "renames x and expects y to be renamed",
    "rename_dimension 5": "renames y and expects x to be renamed",
    "rename_dimension 6": "the key `order` of the cube expected is misspelt `order: `",
    "rename_labels 1": "published graphs name all labels anew without `source`, and mean them in their order",
    "rename_labels 6": "gives the new names as `source` and no `target`, which is required",
    "rename_labels 8": "gives the new names as `source` and no `target`, which is required",
}
"""Cases that fail, each with the reason."""
