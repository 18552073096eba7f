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
        UnknownNameError: The experiment declares no input or value of a name; all such names are told.
        InputError: A href cannot be used.
    """
    unknown = [
        UnknownNameError.among(kind, name, declared, where=experiment.id)
        for kind, given, declared in (
            ("input", inputs, experiment.inputs),
            ("configuration value", configuration, experiment.configuration),
        )
        for name in given
        if name not in declared
    ]
    if len(unknown) > 1:
        told = " ".join(f"{error.message} {error.remedy}" for error in unknown)
        raise UnknownNameError(told, where=experiment.id)
    if unknown:
        raise unknown[0]
    try:
        return experiment.with_overrides(dict(inputs), dict(configuration))
    except ValidationError as error:
        told = "; ".join(one["msg"].removeprefix("Value error, ") for one in error.errors())
        raise InputError(f"{told}.", where=f"inputs of {experiment.id}") from None
