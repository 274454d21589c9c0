"""What a receipt is, what the ledger keeps of each received file, and how people are told."""

import sqlite3
import textwrap
from dataclasses import asdict, dataclass
from typing import Any

from tasks.cases.layout import KIND
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Kind, entries
from tasks.letter import control_totals
from tasks.privacy import label, scrub
from tasks.read import Received

TERMINAL_COLUMNS, WIDEST_NAME = 110, 10


@dataclass(frozen=True)
class Receipt:
    """A registered receipt. ``files``: one dict per extract, see ``file_facts``."""

    agenda: str
    letter: dict[str, str] | None
    files: list[dict[str, Any]]

    @property
    def answers_cases(self) -> bool:
        """Whether Staff's answers to cases came, not a list of the centre: it starts no clock of its own."""
        return any(facts["layout"] == KIND for facts in self.files)


def find_receipt(ledger: sqlite3.Connection, agenda: str) -> Receipt:
    """The receipt of an agenda number. Raises UserError (USAGE) when there is none."""
    for entry in entries(ledger, agenda, Kind.RECEIVED):
        return Receipt(agenda, entry.payload["letter"], entry.payload["files"])
    raise UserError(
        Exit.USAGE, Problem("nomor agenda", agenda, "nomor yang tercatat di Buku Agenda", "lihat: sinkron status")
    )


def known_hashes(ledger: sqlite3.Connection) -> dict[str, str]:
    """SHA-256 of every file ever received, and of every file inside a ZIP -> its agenda number."""
    return {
        digest: f"agenda {entry.batch}"
        for entry in entries(ledger, kind=Kind.RECEIVED)
        for facts in entry.payload["files"]
        for digest in (facts["sha256"], facts.get("content_sha256", facts["sha256"]))
    }


def file_facts(received: Received, archived: str, sha256: str) -> dict[str, Any]:
    """What the ledger keeps of one extract; headers and names, no value of a resident.

    ``archived``: the container's name in the archive; ``sha256``: of the container, ``content_sha256`` of the extract's
    own bytes; ``layout``: the reader's words for its kind.
    """
    extract = received.extract
    layout = extract.layout
    return {
        "name": scrub(extract.name), "archived": archived, "sha256": sha256,
        "member": None if received.member is None else scrub(received.member),
        "content_sha256": received.content_sha256,
        "layout": layout.kind, "place": scrub(layout.place), "header_line": layout.header_line,
        "columns": {scrub(header): name for header, name in layout.mapping.items()},
        "ignored": [scrub(header) for header in layout.ignored], "lines": layout.lines,
        "whole_families": layout.whole_families, "physical": extract.physical,
        "received": extract.received, "loaded": extract.frame.height, "rejected": extract.rejects.height,
        "totals": control_totals(extract),
        "anomalies": [asdict(anomaly) | {"told": scrub(anomaly.told)} for anomaly in extract.anomalies],
    }  # fmt: skip


def told(facts: dict[str, Any]) -> list[str]:
    """Lines that tell people how a file was understood: counts, layout, header row, columns, anomalies."""
    place = f", {facts['place']}" if facts["place"] else ""
    header = f"judul pada baris {facts['header_line']}" if facts["header_line"] else "judul dari struktur berkas"
    loaded = {header: name for header, name in facts["columns"].items() if header not in facts["ignored"]}
    counts = f"{facts['received']} diterima, {facts['loaded']} terbaca, {facts['rejected']} ditolak"
    lines = {
        "baris": [f"{counts} (dari {facts['physical']} baris berkas)"],
        "tata letak": [f"{facts['layout']}{place}; {header}"],
        "bukan data": [", ".join(f"{count} {name}" for name, count in facts["lines"].items())],
        "kolom": ["; ".join(f"{header} = {label(name)}" for header, name in loaded.items())],
        "dilewati": [", ".join(facts["ignored"])],
        "anomali": [f"{anomaly['code']}: {anomaly['count']} {anomaly['told']}" for anomaly in facts["anomalies"]],
    }  # fmt: skip
    return [
        facts["name"],
        *(line for name, texts in lines.items() for text in texts for line in _paragraph(name, text)),
    ]


def _paragraph(name: str, text: str) -> list[str]:
    """A named text in lines of a terminal's width; nothing for no text."""
    first = f"  {name:{WIDEST_NAME}} : "
    return (
        textwrap.wrap(text, TERMINAL_COLUMNS, initial_indent=first, subsequent_indent=" " * len(first)) if text else []
    )
