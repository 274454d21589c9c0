"""What a rule is. One object gives the expectation, the SQL, and every text a person reads about it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is. ERROR and WARNING need a person when nothing resolves them; INFO never does."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    INFO = "INFO"


class Resolution(StrEnum):
    """Who can resolve a finding, and from what (handbook 6)."""

    DOC = "DOC"  # a document of the resident
    AUTO_PROPOSE = "AUTO_PROPOSE"  # the register's value is proposed, a person decides
    AUTO_FORMAT = "AUTO_FORMAT"  # spelling only, the sole class applied without a person
    FIELD = "FIELD"  # a visit by the kelurahan
    FILE_RETURN = "FILE_RETURN"
    CENTRAL = "CENTRAL"
    BIOMETRIC = "BIOMETRIC"
    REFER_REGION = "REFER_REGION"
    NONE = "NONE"


@dataclass(frozen=True)
class Rule:
    """One anomaly of the catalogue.

    ``sql`` is the violation in DuckDB's SQL. Row rules: a predicate over one row of the batch. Household rules: a
    query over ``household`` that returns the ``no_kk`` of violating families; ``flags`` then says which of the
    family's received rows carry the finding. ``corrects`` names the elements a correction would touch.
    """

    code: str
    title: str
    severity: Severity
    resolution: Resolution
    columns: tuple[str, ...]
    sql: str
    explanation: str
    what_to_do: str
    corrects: tuple[str, ...] = ()
    flags: str | None = None

    @property
    def is_household(self) -> bool:
        """A household rule judges a family (grouped query), a row rule one row (bundled aggregate)."""
        return self.flags is not None
