"""Synthetic Indonesian registers with known truth, to measure duplicate resolution with; written apart from the matcher."""

from bench.population.generator import Population, Settings, generate

__all__ = ["Population", "Settings", "generate"]
