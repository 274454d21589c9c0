"""What the dashboard shows, as CSV: one file per section, the same numbers under the same filters."""

import csv
import io
from typing import Any

from tasks.dashboard import words
from tasks.dashboard.figures import Figures

RUNS_IN_EXCEL = ("=", "+", "-", "@", "\t", "\r")


def downloads(figures: Figures) -> dict[str, bytes]:
    """Section -> CSV (UTF-8 with a mark, so that Excel reads it; comma; CRLF). No section is left out."""
    return {
        "kelurahan": _csv(
            ("no_kec", "no_kel", "kecamatan", "kelurahan", "temuan", "terbuka", "umur_hari_median", "umur_hari_tertua",
             "kasus", "lewat_tenggat"),
            [(p.no_kec, p.no_kel, p.district, p.village or words.OUTSIDE, p.findings, p.open, p.median_age,
              p.oldest_age, p.cases, p.overdue) for p in figures.places],
        ),
        "aturan": _csv(
            ("code", "title", "severity", "temuan", "terbuka", "ketepatan"),
            [(r.code, r.title, r.severity, r.findings, r.open, r.precision) for r in figures.rules],
        ),
        "berkas": _csv(
            ("agenda", "diterima_pada", *(label.replace(" ", "_") for label in words.LABELS)),
            [(e.agenda, e.received, *(e.counts.get(label, 0) for label in words.LABELS)) for e in figures.extracts],
        ),
        "langkah": _csv(
            ("langkah", "peran", "kegiatan", "kali", "menit_median", "menit_terlama", "menit_sop", "lewat"),
            [(s.step, s.role, s.activity, s.times, s.median, s.longest, s.limit, s.exceeded) for s in figures.steps],
        ),
        "batas-agenda": _csv(
            ("agenda", "diterima_pada", "batas", "sisa_hari", "ditulis_pada"),
            [(c.agenda, c.received, c.due, c.left, c.written) for c in figures.clocks],
        ),
        "batas-kasus": _csv(
            ("jenis", "lewat", "0-7", "8-14", "15-30", "lebih_dari_30"),
            [(c.kind, c.past, c.week, c.fortnight, c.month, c.later) for c in figures.cases],
        ),
        "pasangan": _csv(("band", "kind", "pasangan"), list(figures.bands)),
        "kasus-ganda": _csv(("peristiwa", "kali"), list(figures.events.items())),
    }  # fmt: skip


def _csv(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> bytes:
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return made.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would run gets an apostrophe; numbers, days and nothing stay."""
    return f"'{value}" if isinstance(value, str) and value.startswith(RUNS_IN_EXCEL) else value
