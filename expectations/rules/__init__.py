"""The catalogue: 102 anomalies by code, in the handbook's order. Each is one object (see ``model.Rule``)."""

from expectations.rules.family_card import FAMILY_CARD
from expectations.rules.files import FILES
from expectations.rules.household import HOUSEHOLD
from expectations.rules.life import LIFE
from expectations.rules.macros import MACROS
from expectations.rules.model import WHO_RESOLVES, Level, Resolution, Rule, Severity
from expectations.rules.name import NAMES
from expectations.rules.nik import NIK
from expectations.rules.pairs import MODEL_DECIDES, PAIRS
from expectations.rules.relation import RELATION
from expectations.rules.status import STATUS
from expectations.rules.views import VIEWS

CATALOGUE: tuple[Rule, ...] = (
    *NIK, *FAMILY_CARD, *HOUSEHOLD, *RELATION, *NAMES, *LIFE, *STATUS, *PAIRS, *FILES
)  # fmt: skip
RULES: tuple[Rule, ...] = tuple(rule for rule in CATALOGUE if rule.level is not Level.FILE)
BY_CODE: dict[str, Rule] = {rule.code: rule for rule in CATALOGUE}

__all__ = [
    "BY_CODE", "CATALOGUE", "MACROS", "MODEL_DECIDES", "RULES", "VIEWS", "WHO_RESOLVES", "Level", "Resolution", "Rule",
    "Severity",
]  # fmt: skip
