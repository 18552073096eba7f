"""Values that replace those of the declaration."""

import factories
import pytest

from earthcode_platform.errors import UnknownNameError
from earthcode_platform.experiments.overrides import override
from earthcode_platform.models.experiment import Experiment


def test_all_wrong_names_are_told_at_once() -> None:
    experiment = Experiment.model_validate(factories.declaration())
    with pytest.raises(UnknownNameError) as caught:
        override(experiment, {"scene": "./x.json", "other": "./y.json"}, {"factr": 1})
    told = str(caught.value)
    assert "there is no input 'scene'. Did you mean 'scenes'?" in told
    assert "there is no input 'other'. Known: scenes." in told
    assert "there is no configuration value 'factr'. Did you mean 'factor'?" in told


def test_one_wrong_name_is_told_alone() -> None:
    experiment = Experiment.model_validate(factories.declaration())
    with pytest.raises(UnknownNameError) as caught:
        override(experiment, {"scene": "./x.json"}, {})
    assert caught.value.remedy == "Did you mean 'scenes'?"
