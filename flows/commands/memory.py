"""``sinkron memory``: what became of the centre's findings over all extracts, with their age; counts alone."""

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flows.commands.reading import existing_office
from tasks.errors import Exit
from tasks.office import WIB

if TYPE_CHECKING:
    from tasks.reconcile.report import Line

TORN = "* ada daftar yang mungkin tidak utuh: yang tidak ada di dalamnya tidak dianggap selesai atau hilang"
HEADS = ("TERBUKA", "MUNCUL LAGI", "UMUR TENGAH", "TERTUA", "SELESAI", "HILANG")


def memory_command(arguments: argparse.Namespace) -> int:
    """Per extract, per rule and per kelurahan. Raises UserError (USAGE) for an unknown rule or kelurahan."""
    from expectations.codes import regions
    from tasks.reconcile.report import Chosen, doubted, known_rule, known_village, per_extract, per_rule, per_village
    from tasks.store import open_store

    office = existing_office()
    rule = known_rule(arguments.aturan) if arguments.aturan else ""
    village = known_village(arguments.kelurahan) if arguments.kelurahan else ""
    chosen = Chosen(datetime.now(UTC).astimezone(WIB).date(), rule, village)
    with open_store(office) as con:
        extracts, rules, villages = per_extract(con, chosen), per_rule(con, chosen), per_village(con, chosen)
        torn = doubted(con)
    about = (f" aturan {rule}" if rule else "") + (f" di kelurahan {regions('kelurahan')[village]}" if village else "")
    if not rules:
        compared = f"Tidak ada temuan{about} pada {len(extracts)} berkas yang sudah dibandingkan.\n"
        sys.stdout.write(compared if extracts else "Belum ada temuan yang dibandingkan.\n")
        return Exit.OK
    labels = [name.upper() for name in extracts[0][1]]
    told = [("BERKAS", *labels)]
    told += [(agenda + " *" * (agenda in torn), *map(str, counts.values())) for agenda, counts in extracts]
    tables = [told, _told("ATURAN", rules), _told("KELURAHAN", villages)]
    total = sum(line.open for line in rules)
    sys.stdout.write("\n".join("".join(f"{line}\n" for line in _aligned(table)) for table in tables))
    sys.stdout.write(f"\n{TORN}\n" * bool(torn))
    sys.stdout.write(
        f"\n{total} temuan terbuka{about}. Umur: hari sejak diterima terbuka, sampai {chosen.today:%d-%m-%Y}.\n"
    )
    return Exit.OK


def _told(head: str, lines: "list[Line]") -> list[tuple[str, ...]]:
    told: list[tuple[str, ...]] = [(head, *HEADS)]
    for line in lines:
        ages = (_days(line.median), _days(line.oldest))
        told.append((line.name, str(line.open), str(line.came_back), *ages, str(line.fixed), str(line.disappeared)))
    return told


def _days(days: int | None) -> str:
    return "-" if days is None else f"{days} hari"


def _aligned(table: list[tuple[str, ...]]) -> list[str]:
    """Names to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])
        for line in table
    ]  # fmt: skip
