"""`sinkron check`: judges files without a flow, a server or a store, before anything is triggered.

Everything runs on a store in memory by the same reader, the same Great Expectations suite and the same rules as the
SOP; nothing is kept but the list of findings, which names residents by a masked NIK only.
"""

import functools
import os
import secrets
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

from expectations.columns import STORED
from expectations.outcomes import PROPOSAL_COLUMN
from expectations.rules import BY_CODE
from expectations.thresholds import DEFAULTS
from tasks.errors import Exit, Problem, UserError
from tasks.load import insert_extract
from tasks.normalise import normalise
from tasks.privacy import scrub
from tasks.read import Findings, Received, read_extract, read_received
from tasks.reference import DEATHS, MOVES, load_list
from tasks.steps import Summary
from tasks.store import memory_store
from tasks.validate import Terms, validate

BATCH = "periksa"
REJECTED = "TOLAK"  # a line the reader could not take apart; the catalogue's codes are for lines that were read
FORMATS = (".parquet", ".csv", ".json")
HINT = "lihat --baseline, --whole-families, --deaths, --moves"

# One finding a line. row: 1-based, as Excel or an editor shows it; null for a finding about the whole file.
FINDINGS = {"file": pl.String, "row": pl.Int64, "code": pl.String, "severity": pl.String, "masked_id": pl.String,
            "title": pl.String}  # fmt: skip

_FOUND = """
select f.name as file, r.line_no as row, v.code, case
    when regexp_full_match(coalesce(r.nik, ''), '[0-9]{16}') then left(r.nik, 6) || '******' || right(r.nik, 4)
    when coalesce(r.nik, '') = '' then '(kosong)'
    else left(r.nik, 2) || repeat('*', greatest(len(r.nik) - 2, 1)::int) end as masked_id
from findings v join extract_rows r using (agenda, row_id) join files f using (agenda, file_no)
order by r.file_no, r.line_no, v.code
"""


@dataclass(frozen=True)
class Beside:
    """What the files are held against. ``register``: the office's residents; ``deaths``, ``moves``: lists of NIKs."""

    register: Path | None = None
    deaths: Path | None = None
    moves: Path | None = None
    whole_families: bool = False  # the files list every member of each family
    passwords: tuple[str, ...] = ()
    thresholds: dict[str, int] = field(default_factory=lambda: dict(DEFAULTS))


class Checked(NamedTuple):
    """``findings``: a frame of ``FINDINGS``; ``summary``: as ``validate`` gives it; ``received``: the files as read."""

    findings: pl.DataFrame
    summary: Summary
    received: list[Received]


def check(paths: list[Path], as_of: str, beside: Beside) -> Checked:
    """Reads and judges files as of an ISO date.

    Raises UserError with all problems of all files (FILE, COLUMNS, OFFICE), RuleCrashedError for a broken rule.
    """
    with tempfile.TemporaryDirectory() as scratch, memory_store() as con:
        received = _read_all(paths, Path(scratch), beside.passwords)
        for number, each in enumerate(received, start=1):
            extract = each.extract
            whole = beside.whole_families or extract.layout.whole_families
            told_layout = replace(extract.layout, whole_families=whole)
            insert_extract(con, (BATCH, number), replace(extract, layout=told_layout), (_known_as(extract.name), ""))
        _load_beside(con, beside, Path(scratch))
        summary = validate(con, BATCH, Terms(as_of, beside.thresholds))
        found = con.sql(_FOUND).pl()
    return Checked(_complete(found, received), summary, received)


def _read_all(paths: list[Path], scratch: Path, passwords: tuple[str, ...]) -> list[Received]:
    received: list[Received] = []
    found = Findings()
    for path in paths:
        if path.is_file():
            received += found.collect(functools.partial(read_received, path, scratch, passwords)) or []
        else:
            problem = Problem(path.name, "berkas tidak ditemukan", "berkas yang ada", "periksa nama berkas")
            found.note(Exit.USAGE, problem)
    found.refuse()
    return received


def _known_as(name: str) -> str:
    """A file's name for a terminal and a list that is mailed around: no NIK, nothing a terminal would obey."""
    return "".join(letter if letter.isprintable() else "?" for letter in scrub(name))


def _load_beside(con: duckdb.DuckDBPyConnection, beside: Beside, scratch: Path) -> None:
    if beside.register:
        residents = normalise(read_extract(beside.register, scratch, None, beside.passwords).frame)
        con.register("incoming", residents.to_arrow())
        con.execute(f"""insert into penduduk by name select line_no as resident_id, {", ".join(STORED)},
            null::varchar as {PROPOSAL_COLUMN} from incoming""")
        con.unregister("incoming")
    for kind, path in ((DEATHS, beside.deaths), (MOVES, beside.moves)):
        if path:
            load_list(con, kind, path)


def _complete(found: pl.DataFrame, received: list[Received]) -> pl.DataFrame:
    """Findings of rows, then lines that could not be read, then findings about whole files; with texts of the rules."""
    texts = {code: (rule.severity.value, rule.told(rule.title)) for code, rule in BY_CODE.items()}
    texts[REJECTED] = ("ERROR", "Baris tidak dapat dibaca")
    extracts = [each.extract for each in received]
    lines = [
        e.rejects.select(pl.lit(_known_as(e.name)).alias("file"), pl.col("line_no").alias("row"), "reason")
        for e in extracts
    ]
    lines = [each.with_columns(pl.lit(REJECTED).alias("code")) for each in lines]
    files = pl.DataFrame(
        [(_known_as(e.name), anomaly.code) for e in extracts for anomaly in e.anomalies],
        schema={"file": pl.String, "code": pl.String}, orient="row",
    )  # fmt: skip
    told_why = pl.DataFrame(schema={"reason": pl.String})
    every = pl.concat([found, *lines, files, told_why], how="diagonal_relaxed")
    codes = every["code"]
    return every.with_columns(
        codes.replace_strict({code: text[0] for code, text in texts.items()}).alias("severity"),
        pl.concat_str(
            codes.replace_strict({code: text[1] for code, text in texts.items()}),
            "reason",
            separator=": ",
            ignore_nulls=True,
        ).alias("title"),
        pl.col("masked_id").fill_null(""),
    ).select(pl.col(name).cast(dtype) for name, dtype in FINDINGS.items())


def write_findings(findings: pl.DataFrame, out: Path) -> None:
    """Writes the list as Parquet, CSV or JSON by the suffix of ``out``. Raises UserError (USAGE) for another one."""
    check_out(out)
    beside = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        if out.suffix == ".parquet":
            findings.write_parquet(beside)
        elif out.suffix == ".csv":
            findings.write_csv(beside)
        else:
            findings.write_json(beside)
        beside.replace(out)
    except OSError:
        beside.unlink(missing_ok=True)
        raise UserError(Exit.USAGE, _unwritable(out)) from None


def _unwritable(out: Path) -> Problem:
    return Problem(str(out), "tidak dapat ditulis", "folder yang dapat ditulis", "pilih tempat lain untuk --out")


def check_out(out: Path) -> None:
    """Raises UserError (USAGE) unless findings can be written under this name."""
    if out.suffix not in FORMATS:
        received = f"akhiran {out.suffix or '(tidak ada)'}"
        raise UserError(Exit.USAGE, Problem(f"--out {out.name}", received, ", ".join(FORMATS), "ganti nama"))
    if not os.access(out.parent, os.W_OK):
        raise UserError(Exit.USAGE, _unwritable(out))


def _header(line: int) -> str:
    return f"judul pada baris {line}" if line else "judul dari struktur berkas"


def told(checked: Checked, shown: int = 15) -> Iterable[str]:
    """The summary for a terminal: files, the most frequent rules, what could not be judged."""
    findings = checked.findings
    for each in checked.received:
        extract = each.extract
        yield (f"{_known_as(extract.name)}: {extract.received} baris, {extract.rejects.height} ditolak; "
               f"{extract.layout.kind}, {_header(extract.layout.header_line)}")  # fmt: skip
        for anomaly in extract.anomalies:
            yield f"  {anomaly.code}: {anomaly.count} {anomaly.told}"
    rows = findings.drop_nulls("row").select("file", "row").n_unique()
    yield f"{findings.height} temuan pada {rows} baris"
    counts = findings.group_by("code", "severity", "title").len().sort(["len", "code"], descending=[True, False])
    for code, severity, title, count in counts.head(shown).iter_rows():
        yield f"  {count:7}  {severity:7}  {code:11}  {title}"
    if counts.height > shown:
        yield f"  ... dan {counts.height - shown} aturan lain (lihat --out)"
    for why in dict.fromkeys(checked.summary["without"].values()):
        codes = ", ".join(code for code, reason in checked.summary["without"].items() if reason == why)
        yield f"Tidak dinilai: {codes} ({why}; {HINT})"
    if unjudged := checked.summary["unjudged"]:
        yield f"Tidak dinilai karena kolomnya tidak ada dalam berkas: {', '.join(sorted(unjudged))}"
