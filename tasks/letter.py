"""The cover letter (surat pengantar): who sent what, and the control totals every file is held against."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from expectations.codes import code_of_label, squeeze
from tasks.errors import Exit, Problem, UserError
from tasks.privacy import scrub
from tasks.read.extract import Extract

TOTALS = {"jumlah": "jumlah baris", "laki": "laki-laki", "perempuan": "perempuan", "kk": "nomor KK berbeda"}


@dataclass(frozen=True)
class Letter:
    """A cover letter as received. ``totals``: file name -> {jumlah, laki, perempuan, kk}, any subset."""

    name: str
    sender: str
    number: str
    date: str
    subject: str
    totals: dict[str, dict[str, int]]

    @property
    def facts(self) -> dict[str, str]:
        """What the ledger keeps of the letter."""
        return {"sender": self.sender, "number": self.number, "date": self.date, "subject": self.subject,
                "file": scrub(self.name)}  # fmt: skip


def read_letter(path: Path) -> Letter:
    """Reads a letter (JSON: dari, perihal, nomor, tanggal, berkas). Raises UserError (FILE) naming what is wrong."""
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8-sig"))
        totals = {
            str(name): {key: _count(value) for key, value in counts.items() if key in TOTALS}
            for name, counts in content["berkas"].items()
        }
        sender, number, date, subject = (str(content[key]) for key in ("dari", "nomor", "tanggal", "perihal"))
        return Letter(path.name, sender, number, date, subject, totals)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UserError(
            Exit.FILE,
            Problem(
                path.name,
                "surat pengantar tidak dapat dibaca",
                "JSON dengan dari, nomor, tanggal, perihal, berkas",
                "perbaiki surat pengantar",
            ),
        ) from None


def _count(value: object) -> int:
    """A total as the letter wrote it: a whole number, nothing rounded."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError
    return value


def looks_like_letter(path: Path) -> bool:
    """Letters are the only JSON that offices receive."""
    return path.suffix.lower() == ".json"


def check_totals(extract: Extract, letter: Letter) -> list[Problem]:
    """Differences between a file and its letter. Lines rejected by the reader may explain L, P and KK differences."""
    expected = letter.totals.get(extract.name)
    if expected is None:
        return [
            Problem(
                f"{letter.name}",
                f"{extract.name} tidak disebut dalam surat",
                "nama berkas sama dengan surat pengantar",
                "konfirmasi ke pengirim",
            )
        ]
    counted = control_totals(extract)
    slack = extract.rejects.height
    problems = []
    for key, value in expected.items():
        allowed = 0 if key == "jumlah" else slack
        if abs(counted[key] - value) > allowed:
            problems.append(
                Problem(
                    f"{extract.name}, {TOTALS[key]}",
                    f"berkas {counted[key]}",
                    f"surat pengantar {value}",
                    "konfirmasi jumlah ke pengirim (BRK-01)",
                )
            )
    return problems


def missing_files(letter: Letter, present: set[str]) -> list[Problem]:
    """Files the letter names that did not come with it."""
    return [
        Problem(
            letter.name,
            f"{name} disebut dalam surat tetapi tidak diserahkan",
            "semua berkas dalam surat",
            "serahkan bersama surat pengantar",
        )
        for name in letter.totals
        if name not in present
    ]


def control_totals(extract: Extract) -> dict[str, int]:
    """Rows received, men, women and different KK numbers of one file."""
    sex = extract.frame["jenis_klmin"].fill_null("")
    labels = {
        value: code_of_label("jenis_klmin").get(squeeze(value), value.strip().lstrip("0")) for value in sex.unique()
    }
    coded = sex.replace_strict(labels, return_dtype=pl.String)
    families = extract.frame["no_kk"].drop_nulls().str.strip_chars(" '\u00a0")
    return {
        "jumlah": extract.received,
        "laki": int((coded == "1").sum()),
        "perempuan": int((coded == "2").sum()),
        "kk": families.filter(~families.is_in(["", "-", "0"])).n_unique(),
    }
