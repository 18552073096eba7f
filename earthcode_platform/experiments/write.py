"""Writing `experiment.yaml`: what `read_experiment` reads back as an equal experiment."""

from typing import Final

import yaml

from earthcode_platform.experiments.scalars import CoreDumper
from earthcode_platform.models.experiment import Experiment

__all__ = ["experiment_yaml"]

_WIDTH: Final = 100


class _Dumper(CoreDumper):
    def ignore_aliases(self, data: object) -> bool:
        del data
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 - PyYAML's
        del indentless
        super().increase_indent(flow, indentless=False)


def _list(dumper: yaml.SafeDumper, data: list[object]) -> yaml.Node:
    numbers = bool(data) and all(isinstance(one, int | float) for one in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=numbers or None)


_Dumper.add_representer(list, _list)


def experiment_yaml(experiment: Experiment) -> str:
    """Return `experiment` as the text of its `experiment.yaml`.

    Keys stand in the order of the model; what has its default is left out. An absolute href is written as it is, but
    `read_experiment` refuses it: the archive replaces such hrefs by relative ones first.
    """
    content = experiment.model_dump(mode="json", exclude_defaults=True)
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
