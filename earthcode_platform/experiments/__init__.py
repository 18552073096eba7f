"""The folder of an experiment: read `experiment.yaml`, pin its workflow and its code."""
