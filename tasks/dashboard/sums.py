"""Sums over the analysts' copy, kept in memory: every filter is answered from them, whatever the number of findings.

The copy is read once after each publishing and let go at once, so publishing never waits for a page, and a page that
is opened later shows the newer copy.
"""

import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar, cast

import duckdb

from expectations.memory import OPEN
from tasks.cases.layout import KIND

ANSWERS = 256  # choices of filters whose figures are kept
Answer = TypeVar("Answer")
OUTSIDE = "luar"  # in place of a kecamatan's code: domiciled in another regency
# A rule that the copy does not name is ''.
_WHAT, _AT = "coalesce(code, '') as code", "no_kec, no_kel, luar_kota"


def _placed(counted: str) -> str:
    """Where rows are counted: '' where it is not told. A code that is none of this city's is no place either."""
    return f"""select t.* replace (
        case when no_kec in (select no_kec from copy.wilayah) then no_kec
             when luar_kota then '{OUTSIDE}' else '' end as no_kec,
        if((no_kec, no_kel) in (select (no_kec, no_kel) from copy.wilayah), no_kel, '') as no_kel) from ({counted}) t"""


# Ages and places are few, findings are many: 1,000,000 of them give some 100,000 sums at most.
_OPEN = ", ".join(f"'{label}'" for label in sorted(OPEN))
_TABLES = {
    "terbitan": "select diterbitkan_pada, agenda, k from copy.terbitan",
    "wilayah": """select no_kec, no_kel, kecamatan, kelurahan from copy.wilayah
        where no_kec is not null and no_kel is not null""",
    # Also what is known of rules that the copy does not name.
    "aturan": """select coalesce(a.code, p.code, '') as code, coalesce(a.title, 'aturan yang disamarkan') as title,
        coalesce(a.severity, '') as severity, p.ketepatan
        from copy.aturan a full join copy.ketepatan_aturan p on p.code = a.code""",
    "temuan": _placed(f"select agenda, {_WHAT}, {_AT}, cast(count(*) as bigint) as n from copy.temuan group by all"),
    "temuan_aturan": "select agenda, code, cast(sum(temuan) as bigint) as n from copy.temuan_aturan group by all",
    "keadaan": _placed(f"""select agenda, diterima_pada, {_WHAT}, keadaan, {_AT}, cast(count(*) as bigint) as n
        from copy.rekonsiliasi group by all"""),
    "terbuka_agenda": _placed(f"""select agenda, {_WHAT}, sejak_pada, {_AT}, cast(count(*) as bigint) as n
        from copy.rekonsiliasi where keadaan in ({_OPEN}) group by all"""),
    # What the newest extract that says something about a finding of somebody says; those still open.
    "terbuka": _placed(f"""select {_WHAT}, sejak_pada, {_AT}, cast(count(*) as bigint) as n from copy.rekonsiliasi
        where keadaan in ({_OPEN})
          and rowid in (select arg_max(rowid, agenda) from copy.rekonsiliasi group by temuan_pseudonym)
        group by all"""),
    "kasus": _placed(f"""select agenda, jenis, {_AT}, dibuka_pada, tenggat, batas_pusat, cast(count(*) as bigint) as n
        from copy.kasus where ditutup_pada is null group by all"""),
    "pasangan": "select agenda, band, kind, cast(count(*) as bigint) as n from copy.pasangan group by all",
    "peristiwa": "select agenda, peristiwa, cast(count(*) as bigint) as n from copy.peristiwa_ganda group by all",
    "langkah": "select agenda, langkah, peran, kegiatan, mulai, menit, menit_sop, melewati from copy.langkah",
    # Answers to cases start no clock of their own: those of their cases run on.
    "jawaban": f"select distinct agenda from copy.berkas where layout = '{KIND}'",
    "keputusan": """select agenda, peran, putusan, cast(pada as date) as hari, cast(count(*) as bigint) as n
        from copy.keputusan group by all""",
    "batch": "select agenda, written_on from copy.batch where dibatalkan_oleh is null and membatalkan is null",
}


class NotReadableError(Exception):
    """There is no copy yet (``missing``), or it can not be read: an older Sinkron's lacks tables."""

    def __init__(self, *, missing: bool) -> None:
        super().__init__("no copy" if missing else "no copy of this version")
        self.missing = missing


class Sums:
    """The sums of one copy. Queries may come from any thread."""

    def __init__(self, path: Path) -> None:
        """Reads ``path`` (read-only) and closes it again. Raises NotReadableError."""
        self._answers: dict[Hashable, object] = {}
        self._con = duckdb.connect(config={"autoinstall_known_extensions": "false"})
        try:
            self._con.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as copy (read_only)")
            for name, query in _TABLES.items():
                self._con.execute(f"create table {name} as {query}")
            self._con.execute("detach copy")
        except duckdb.Error:
            self._con.close()
            raise NotReadableError(missing=False) from None

    def remembered(self, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """What ``make`` gave for this key before, else gives now."""
        kept = self._answers.get(key)
        if kept is None:
            kept = make()
            if len(self._answers) >= ANSWERS:
                self._answers.clear()
            self._answers[key] = kept
        return cast("Answer", kept)

    def rows(self, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a query over the sums; a value that the query does not name is left out."""
        asked = {name: value for name, value in values.items() if f"${name}" in query}
        with self._con.cursor() as cursor:
            return cursor.execute(query, asked).fetchall()


_lock = threading.Lock()
_kept: dict[Path, tuple[tuple[int, ...], Sums]] = {}


def sums_of(path: Path) -> Sums:
    """The sums of the copy that lies at ``path`` now, shared by all pages until it is replaced.

    Raises NotReadableError.
    """
    which = _which(path)
    with _lock:
        if path not in _kept or _kept[path][0] != which:
            _kept[path] = (which, Sums(path))
        return _kept[path][1]


def sums_at_hand(path: Path) -> Sums | None:
    """The same without waiting: None while they have yet to be made. Raises NotReadableError."""
    which = _which(path)
    kept = _kept.get(path)
    return kept[1] if kept and kept[0] == which else None


def _which(path: Path) -> tuple[int, ...]:
    """What tells one published file from the next: each is a new file, moved in place of the last."""
    try:
        facts = path.stat()
    except OSError:
        raise NotReadableError(missing=True) from None
    return facts.st_dev, facts.st_ino, facts.st_mtime_ns, facts.st_size
