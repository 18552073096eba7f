"""Values that replace those of `experiment.yaml` for one run."""

from collections.abc import Mapping

from pydantic import JsonValue, ValidationError

from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.experiment import Experiment

__all__ = ["override"]


def override(experiment: Experiment, inputs: Mapping[str, str], configuration: Mapping[str, JsonValue]) -> Experiment:
    """Return `experiment` with other hrefs for named inputs and other configuration values.

    Args:
        experiment: What the author declared.
        inputs: By name of an input: a URL, or a path, absolute or relative to the experiment's folder.
        configuration: By name of a configuration value: what to take instead.

    Raises:
        UnknownNameError: The experiment declares no input or value of that name.
        InputError: A href cannot be used.
    """
    for kind, given, declared in (
        ("input", inputs, experiment.inputs),
        ("configuration value", configuration, experiment.configuration),
    ):
        for name in given:
            if name not in declared:
                raise UnknownNameError.among(kind, name, declared, where=experiment.id)
    try:
        return experiment.with_overrides(dict(inputs), dict(configuration))
    except ValidationError as error:
        told = "; ".join(one["msg"].removeprefix("Value error, ") for one in error.errors())
        raise InputError(f"{told}.", where=f"inputs of {experiment.id}") from None
