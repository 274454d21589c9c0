"""What a rule is. One object gives the expectation, the SQL, every text a person reads, and cases of both kinds."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from expectations.rules.cases import Case
from expectations.thresholds import filled


class Severity(StrEnum):
    """How bad a finding is. ERROR and WARNING need a person when nothing resolves them; INFO never does."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    INFO = "INFO"


class Level(StrEnum):
    """What a rule looks at, and so how it runs: rows in one bundled pass, the others as grouped queries."""

    ROW = "baris"
    HOUSEHOLD = "keluarga"
    PAIR = "pasangan"
    EXTERNAL = "daftar lain"
    FILE = "berkas"  # judged by the reader, before anything is loaded


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


# What each class asks of people, as the report and the catalogue say it.
WHO_RESOLVES: dict[Resolution, str] = {
    Resolution.DOC: "perlu dokumen warga",
    Resolution.AUTO_PROPOSE: "diusulkan dari data kantor, orang memutuskan",
    Resolution.AUTO_FORMAT: "dirapikan otomatis dan dicatat",
    Resolution.FIELD: "kunjungan kelurahan/RT/RW",
    Resolution.FILE_RETURN: "berkas dikembalikan ke pengirim",
    Resolution.CENTRAL: "diputuskan Ditjen",
    Resolution.BIOMETRIC: "biometrik menentukan",
    Resolution.REFER_REGION: "rujuk ke Dinas daerah lain",
    Resolution.NONE: "tidak dikoreksi",
}
HEURISTIC = "heuristik; ambang ditetapkan Kabid"
Change = Callable[[Case], object]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One anomaly of the catalogue.

    ``sql`` is the violation in DuckDB's SQL. ROW: a predicate over one row of ``batch``. HOUSEHOLD, PAIR, EXTERNAL: a
    query giving the ``row_id`` of violating received rows, over the views of ``expectations.rules.views``. FILE: empty,
    the reader judges. ``columns``: what the rule reads; a file without one of them is not judged by it. ``corrects``:
    elements a correction would touch. ``breaks`` / ``keeps`` turn a clean family into one the rule flags / does not.
    """

    code: str
    title: str
    level: Level
    severity: Severity
    resolution: Resolution
    columns: tuple[str, ...]
    sql: str = ""
    explanation: str
    what_to_do: str
    source: str = HEURISTIC
    corrects: tuple[str, ...] = ()
    breaks: tuple[Change, ...] = ()
    keeps: tuple[Change, ...] = ()

    @property
    def is_row(self) -> bool:
        """A row rule joins the one bundled pass over the batch."""
        return self.level is Level.ROW

    def sparing(self, files: tuple[int, ...]) -> "Rule":
        """The rule without the rows of these files: they lack a column it reads, so it can not judge them."""
        if not files:
            return self
        listed = ", ".join(map(str, files))
        if self.is_row:
            return replace(self, sql=f"({self.sql}) and file_no not in ({listed})")
        mine = f"select row_id from batch where file_no not in ({listed})"
        return replace(self, sql=f"select row_id from ({self.sql}) where row_id in ({mine})")

    def statement(self, thresholds: dict[str, int] | None = None) -> str:
        """The SQL with its thresholds filled in."""
        return filled(self.sql, thresholds)

    def told(self, text: str, thresholds: dict[str, int] | None = None) -> str:
        """A text of the rule (``title``, ``explanation``, ``what_to_do``) with its thresholds filled in."""
        return filled(text, thresholds)
