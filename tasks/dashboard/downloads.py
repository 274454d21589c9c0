"""What the dashboard shows, as CSV: one file per section, the same numbers under the same filters."""

import csv
import io
from typing import Any

from tasks.dashboard import words
from tasks.dashboard.figures import Figures, Line

RUNS_IN_EXCEL = ("=", "+", "-", "@", "\t", "\r")


def downloads(figures: Figures) -> dict[str, bytes]:
    """Section -> CSV (UTF-8 with a mark, so that Excel reads it; comma; CRLF). No section is left out.

    ``baris`` tells lines that are sums of others (``jumlah``) from those that are not; nothing stands where the copy
    hides whether there is any.
    """
    return _of_findings(figures) | _of_work(figures)


def _of_findings(figures: Figures) -> dict[str, bytes]:
    return {
        "kelurahan": _csv(
            ("baris", "no_kec", "no_kel", "kecamatan", "kelurahan", "temuan", "terbuka", "umur_hari_median",
             "umur_hari_tertua", "kasus", "lewat_tenggat"),
            [(_KINDS.get(p.line, p.line), p.no_kec if p.district else "", p.no_kel, p.district, words.place(p),
              p.findings, p.open, p.median_age, p.oldest_age, p.cases, p.overdue) for p in figures.places],
        ),
        "aturan": _summed(
            ("code", "title", "severity", "temuan", "terbuka", "seluruh_kota", "ketepatan"),
            [(r.code, r.title, r.severity or words.SEVERITIES, r.findings, r.open, r.city or "", r.precision)
             for r in figures.rules],
            (3, 4, 5),
        ),
        "berkas": _summed(
            ("agenda", "diterima_pada", *(label.replace(" ", "_") for label in words.LABELS)),
            [(e.agenda, e.received, *(e.counts.get(label, 0) for label in words.LABELS)) for e in figures.extracts],
            tuple(range(2, 2 + len(words.LABELS))),
        ),
    }  # fmt: skip


def _of_work(figures: Figures) -> dict[str, bytes]:
    return {
        "langkah": _csv(
            ("langkah", "peran", "kegiatan", "kali", "menit_median", "menit_terlama", "menit_sop", "lewat"),
            [(s.step, s.role, s.activity, s.times, s.median, s.longest, s.limit, s.exceeded) for s in figures.steps],
        ),
        "beban-kerja": _summed(
            ("hari", "peran", "keputusan", "ya", "tidak", "cabut"),
            [(w.day, w.role, w.decisions, w.yes, w.no, w.withdrawn) for w in figures.work], (2, 3, 4, 5),
        ),
        "batas-agenda": _csv(
            ("agenda", "diterima_pada", "batas", "sisa_hari", "ditulis_pada"),
            [(c.agenda, c.received, c.due, c.left, c.written) for c in figures.clocks],
        ),
        "batas-kasus": _summed(
            ("jenis", "lewat", "0-7", "8-14", "15-30", "lebih_dari_30"),
            [(c.kind, c.past, c.week, c.fortnight, c.month, c.later) for c in figures.cases], (1, 2, 3, 4, 5),
        ),
        "pasangan": _summed(("band", "kind", "pasangan"), list(figures.bands), (2,)),
        "kasus-ganda": _summed(("peristiwa", "kali"), list(figures.events.items()), (1,)),
    }  # fmt: skip


_KINDS: dict[str, str] = {Line.DISTRICT: "jumlah kecamatan", Line.ALL: "jumlah"}


def _summed(heads: tuple[str, ...], rows: list[tuple[Any, ...]], columns: tuple[int, ...]) -> bytes:
    """Lines and the line that adds them up. ``columns``: those with counts."""
    kinds = ["rincian"] * len(rows) + ["jumlah"]
    total = tuple(sum(row[at] or 0 for row in rows) if at in columns else "" for at in range(len(heads)))
    return _csv(("baris", *heads), [(kind, *row) for kind, row in zip(kinds, [*rows, total], strict=True)])


def _csv(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> bytes:
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return made.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would run gets an apostrophe; numbers, days and nothing stay."""
    return f"'{value}" if isinstance(value, str) and value.startswith(RUNS_IN_EXCEL) else value
