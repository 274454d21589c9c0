"""The catalogue: every rule of the levels row and household that the office runs, by code."""

from expectations.rules.family import FAMILY
from expectations.rules.identity import IDENTITY
from expectations.rules.macros import MACROS
from expectations.rules.model import Resolution, Rule, Severity
from expectations.rules.pairs import PAIR_CAUSES, PairCause
from expectations.rules.person import PERSON

RULES: tuple[Rule, ...] = (*IDENTITY, *PERSON, *FAMILY)
BY_CODE: dict[str, Rule] = {rule.code: rule for rule in RULES}

__all__ = ["BY_CODE", "MACROS", "PAIR_CAUSES", "RULES", "PairCause", "Resolution", "Rule", "Severity"]
