"""``sinkron cases``: what waits for another regency, a resident or the biometric recording, and its workbook."""

import argparse
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from flows.commands.reading import existing_office
from tasks.errors import Exit
from tasks.office import WIB, Office

if TYPE_CHECKING:
    import polars as pl


def cases_command(arguments: argparse.Namespace) -> int:
    """Lists the open cases without personal data, or writes the workbook of them to the desk."""
    from tasks.cases.content import known_region, listed, open_rows
    from tasks.cases.write import case_workbook
    from tasks.store import open_store

    office, now = existing_office(), datetime.now(UTC)
    today = now.astimezone(WIB).date()
    with open_store(office) as con:
        chosen = (arguments.jenis or "", known_region(con, arguments.daerah or ""))
        cases = listed(con, *chosen)
        others = 0 if cases.height else listed(con).height
        rows = open_rows(con, *chosen) if arguments.lembar and cases.height else None
    if rows is not None:
        path = case_workbook(office, today, rows)
        _exported(office, path.name, now)
        sys.stdout.write(f"{path}\n{cases.height} kasus. Isi JAWABAN, simpan, lalu taruh di inbox/.\n")
        return Exit.OK
    sys.stdout.write("".join(f"{line}\n" for line in told(cases, today, others)))
    return Exit.OK


def _exported(office: Office, name: str, now: datetime) -> None:
    """A file with unmasked data left the store: its name and hash are entered."""
    from tasks.documents.issue import DESK
    from tasks.ledger import Kind, append, open_ledger, writing
    from tasks.private import sha256_of

    facts = {"file": name, "sha256": sha256_of(office.desk / name), "masked": False, "place": DESK}
    with open_ledger(office) as ledger, writing(ledger):
        append(ledger, now, (Kind.EXPORTED, "", "sinkron"), facts)


def told(cases: "pl.DataFrame", today: date, others: int = 0) -> list[str]:
    """A line per case, oldest first, and how many there are. ``cases``: view ``cases``, open ones.

    ``others``: open cases that the chosen kind and region leave out when they leave out all.
    """
    from expectations.cases import CaseKind
    from expectations.codes import CITY, regions

    if cases.is_empty() and others:
        return [f"Tidak ada kasus yang menunggu untuk saringan ini; {others} kasus lain menunggu."]
    if cases.is_empty():
        return ["Tidak ada kasus yang menunggu."]
    villages = regions("kelurahan")
    heads = ("NO KASUS", "JENIS", "DAERAH", "KELURAHAN", "DIBUKA", "TENGGAT", "SISA 60 HARI", "CATATAN")
    lines = [heads]
    for case in cases.iter_rows(named=True):
        notes = ["LEWAT TENGGAT"] if case["due_on"] < today else []
        if case["kind"] == CaseKind.OTHER_REGION:
            notes.append(f"jam SOP berhenti sejak {case['opened_on']}")
        left = (case["centre_due_on"] - today).days
        days = f"{left} hari" if left >= 0 else f"lewat {-left} hari"
        village = villages.get(f"{CITY}{case['no_kec']}{case['no_kel']}", "-").title()
        lines.append((case["case_no"], case["kind"], case["region"] or "-", village, str(case["opened_on"]),
                      str(case["due_on"]), days, "; ".join(notes)))  # fmt: skip
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    late = sum(due < today for due in cases["due_on"].to_list())
    table = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return [*table, f"{cases.height} kasus menunggu, {late} lewat tenggat."]
