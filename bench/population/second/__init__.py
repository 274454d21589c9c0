"""A second register model with other peoples, families and mistakes: the held-out test of what was fitted on the first."""

from bench.population.generator import Population, Settings
from bench.population.second.records import generate

__all__ = ["Population", "Settings", "generate"]
