"""Measurements, each against a named aim or peer; none of them runs with the tests."""
