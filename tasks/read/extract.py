"""What a reader returns: every physical line as a row, a reject, or a named line of the layout."""

import re
from dataclasses import dataclass, field

import polars as pl

from expectations.columns import CONTEXT, NORMALISED, REQUIRED, STORED, canonical_name, normalise_header
from tasks.errors import Exit, Problem, UserError

LINE = "line_no"
MAX_SHOWN = 5
HEADER_SEARCH_LINES = 30
HEADER_MIN_KNOWN = 3
MIN_ALIKE, MIN_LETTERS = 70, 6  # percent alike to a known header; shorter ones are alike to names of people
MAX_STRANGE, MIN_FAMILIAR = 2, 5
NO_HEADER = r"\d{5}|\d[-/.]\d"  # digits of a NIK or a date, as no header has


@dataclass(frozen=True)
class Layout:
    """How a file was understood, as the receipt tells it. Nothing here is a value of a resident.

    ``kind``: words such as "teks utf-8, pemisah ';'"; ``place``: sheet or ZIP member, "" when there is one;
    ``header_line``: 1-based line of the (last) header row; ``mapping``: received header -> contract column;
    ``ignored``: headers known and left out; ``lines``: name of a layout line -> how many ("baris kosong": 3);
    ``whole_families``: the layout lists every member of each family (BIP), so household rules may judge it alone.
    """

    kind: str
    header_line: int
    mapping: dict[str, str]
    ignored: tuple[str, ...] = ()
    place: str = ""
    lines: dict[str, int] = field(default_factory=dict)
    whole_families: bool = False


@dataclass(frozen=True)
class Anomaly:
    """A finding about a whole file (catalogue BRK): ``code``, how many cells or lines, and what was done."""

    code: str
    count: int
    told: str


@dataclass(frozen=True)
class Extract:
    """One file (or ZIP member) as read.

    ``frame``: ``line_no`` Int64 (1-based, as seen in an editor or Excel) and one String column per stored column
    of the contract (missing ones null), and the CONTEXT columns that the file has; values as received. ``rejects``:
    line_no, reason, text. ``physical`` counts every line of the file, the empty ones too; ``anomalies`` are
    the BRK findings that do not stop the file. ``answers``: what Staff answered, of a case workbook alone.
    """

    name: str
    layout: Layout
    frame: pl.DataFrame
    rejects: pl.DataFrame
    physical: int
    anomalies: tuple[Anomaly, ...] = ()
    answers: pl.DataFrame | None = None

    @property
    def received(self) -> int:
        """Every data line is either loaded or rejected; layout lines are named and not counted."""
        return self.frame.height + self.rejects.height

    def check_conservation(self) -> None:
        """Asserts that physical lines = rows + rejects + named layout lines: a reader that loses one is broken."""
        if self.physical != self.received + sum(self.layout.lines.values()):
            raise AssertionError("baris berkas tidak kekal")


def no_rejects() -> pl.DataFrame:
    """An empty reject list with its dtypes."""
    return pl.DataFrame(schema={LINE: pl.Int64, "reason": pl.String, "text": pl.String})


def map_headers(file: str, headers: dict[int, str]) -> dict[str, str]:
    """Received header -> contract column; ``headers``: position as people count (from 1) -> text.

    Raises UserError (COLUMNS) naming all unknown, doubled and missing headers. A first line without any known header
    is data, and data is never quoted.
    """
    names = {position: canonical_name(header) for position, header in headers.items()}
    if not any(names.values()):
        problem = Problem(f"{file}, baris judul", "tidak ada judul kolom yang dikenal",
                          ", ".join(REQUIRED).upper(), "tambahkan baris judul SIAK di atas data")  # fmt: skip
        raise UserError(Exit.COLUMNS, problem)
    mapping: dict[str, str] = {}
    problems: list[Problem] = []
    quotable = _quotable(headers, sum(name is not None for name in names.values()))
    for position, header in headers.items():
        place, name = f"{file}, kolom {position}", names[position]
        if name is None:
            told = f"'{header[:40]}'" if position in quotable else f"({len(header)} huruf)"
            received = f"judul kolom tidak dikenal {told}"
            problems.append(Problem(place, received, "judul kolom SIAK", "perbaiki judulnya atau hapus kolom itu"))
        elif name in mapping.values():
            received = f"judul '{header[:40]}' muncul dua kali ({name.upper()})"
            problems.append(Problem(place, received, "setiap kolom satu kali", "hapus salah satu"))
        else:
            mapping[header] = name
    missing = ", ".join(name for name in REQUIRED if name not in mapping.values()).upper()
    if missing:
        received, allowed = f"kolom wajib tidak ada: {missing}", ", ".join(REQUIRED).upper()
        problems.append(Problem(f"{file}, baris judul", received, allowed, "minta pengirim melengkapi kolom"))
    if problems:
        raise UserError(Exit.COLUMNS, *problems)
    return mapping


def _quotable(headers: dict[int, str], known: int) -> set[int]:
    """Positions of unknown headers that are surely headers: the others may be a resident's name, and are not quoted.

    A damaged file may join a resident's line to the header: then none is.
    """
    if any(re.search(NO_HEADER, header) for header in headers.values()):
        return set()
    from rapidfuzz import fuzz, process

    few = len(headers) - known <= MAX_STRANGE and known >= MIN_FAMILIAR
    choices = [text for text in NORMALISED if len(text) >= MIN_LETTERS]
    plain = {at: normalise_header(text) for at, text in headers.items() if not re.search(r"\d", text)}
    return {
        at for at, text in plain.items()
        if few or (len(text) >= MIN_LETTERS
                   and process.extractOne(text, choices, scorer=fuzz.ratio, score_cutoff=MIN_ALIKE))
    }  # fmt: skip


def ignored_headers(mapping: dict[str, str]) -> tuple[str, ...]:
    """Headers of known columns that the job does not need (data minimisation)."""
    return tuple(header for header, name in mapping.items() if name not in {*STORED, *CONTEXT})


def to_contract(rows: pl.DataFrame, mapping: dict[str, str]) -> pl.DataFrame:
    """Renames to contract columns, adds absent ones as null, leaves out what the job does not need.

    CONTEXT columns are kept when the file has them.
    """
    present = {name: header for header, name in mapping.items()}
    columns = [
        pl.col(present[name]).cast(pl.String).alias(name) if name in present else pl.lit(None, pl.String).alias(name)
        for name in (*STORED, *(name for name in CONTEXT if name in present))
    ]
    return rows.select(pl.col(LINE).cast(pl.Int64), *columns)
