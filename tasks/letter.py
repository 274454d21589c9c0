"""The cover letter (surat pengantar): who sent what, and the control totals every file is held against."""

import json
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from expectations.codes import code_of_label, squeeze
from tasks.errors import Exit, Problem, UserError
from tasks.normalise import INVISIBLE
from tasks.privacy import scrub, scrub_number
from tasks.read.archive import base_name
from tasks.read.extract import Extract

TEXTS = ("dari", "nomor", "tanggal", "perihal")
FORM = (
    'JSON {"dari": "...", "nomor": "...", "tanggal": "...", "perihal": "...", "berkas": {"nama.csv": {"jumlah": 12}}}'
)
STEP = "perbaiki surat pengantar (contoh: docs/data-engineer.md), lalu serahkan lagi bersama berkasnya"
LIKE = 0.65  # of 1: from there on a name is a slip of the pen (difflib): lkai, lelaki, jumlah_baris
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
        """What the ledger keeps of the letter, and every page and paper prints: no NIK."""
        return {
            "sender": scrub(self.sender), "number": scrub_number(self.number), "date": scrub_number(self.date),
            "subject": scrub(self.subject), "file": scrub(self.name),
        }  # fmt: skip


def read_letter(path: Path) -> Letter:
    """Reads a letter (JSON: dari, nomor, tanggal, perihal, berkas). Raises UserError (FILE) with all that is wrong.

    Totals we do not know are passed over: a letter may count more than we compare. One that is written almost like one
    we know is a slip: passed over, the sender's check would not be made.
    """
    content = _content(path)
    wrong = _faults(path.name, content)
    if wrong:
        raise UserError(Exit.FILE, *wrong)
    told = {name: {key: counts[key] for key in TOTALS if key in counts} for name, counts in content["berkas"].items()}
    sender, number, date, subject = (str(content[key]) for key in TEXTS)
    return Letter(path.name, sender, number, date, subject, told)


def _content(path: Path) -> dict[str, Any]:
    """The letter's object. Raises UserError (FILE) where there is none."""
    place = path.name
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        received = "bukan objek"
    except json.JSONDecodeError as error:
        content, received = None, "bukan JSON"
        place += f", baris {error.lineno} huruf ke-{error.colno}"
    except (ValueError, RecursionError):  # no UTF-8, a number without end, brackets without end
        content, received = None, "bukan JSON"
    if isinstance(content, dict):
        return content
    raise UserError(Exit.FILE, Problem(place, f"surat pengantar tidak dapat dibaca: {received}", FORM, STEP))


def _faults(name: str, content: dict[str, Any]) -> list[Problem]:
    """Everything that is missing or of another kind; never what stands there."""
    wrong = [
        Problem(f"{name}, {key}", "tidak ada" if key not in content else "bukan teks", "teks dalam tanda kutip", STEP)
        for key in TEXTS
        if not isinstance(content.get(key), str | int)
    ]
    files = content.get("berkas")
    if not isinstance(files, dict):
        return [*wrong, Problem(f"{name}, berkas", "tidak ada, atau bukan daftar berkas", FORM, STEP)]
    for file, counts in files.items():
        if not isinstance(counts, dict):
            wrong.append(Problem(f"{name}, berkas {file}", "bukan jumlah-jumlah", '{"jumlah": 12}', STEP))
            continue
        wrong += [
            Problem(
                f"{name}, berkas {file}, {key}", "bukan bilangan", "bilangan bulat, 0 atau lebih, tanpa kutip", STEP
            )
            for key in TOTALS
            if key in counts and not _is_count(counts[key])
        ]
        slips = {key: get_close_matches(key, TOTALS, 1, LIKE) for key in counts if key not in TOTALS}
        wrong += [
            Problem(f"{name}, berkas {file}, {key}", "jumlah yang tidak dikenal", f"mungkin {meant[0]}", STEP)
            for key, meant in slips.items()
            if meant
        ]
    return wrong


def _is_count(value: object) -> bool:
    """A total as the letter wrote it: a whole number, nothing rounded."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def looks_like_letter(path: Path) -> bool:
    """Letters are the only JSON that offices receive."""
    return path.suffix.lower() == ".json"


def names_of(extract_name: str) -> tuple[str, ...]:
    """Names by which a letter may tell of an extract: whole, and for a ZIP's member also its own name."""
    member = extract_name.partition("/")[2] or extract_name
    return tuple(dict.fromkeys((extract_name, member, base_name(member))))


def rows_told(letter: Letter, extract_name: str) -> int | None:
    """How many rows the letter says an extract has, or the whole ZIP that holds it; None where it says nothing."""
    for name in (*names_of(extract_name), extract_name.partition("/")[0]):
        if "jumlah" in letter.totals.get(name, {}):
            return letter.totals[name]["jumlah"]
    return None


def empty_lists(extracts: list[Extract], letter: Letter | None) -> list[Problem]:
    """Files of headers alone, unless the letter itself says that they hold nothing: a list may be torn off."""
    allowed = "sekurangnya satu baris, atau surat pengantar yang menyebut jumlahnya 0"
    step = 'bila memang tidak ada data lagi, serahkan lagi bersama surat pengantar dengan "jumlah": 0'
    return [
        Problem(extract.name, "daftar kosong, hanya baris judul", allowed, step)
        for extract in extracts
        if extract.received == 0 and not (letter and rows_told(letter, extract.name) == 0)
    ]


def check_totals(extracts: list[Extract], letter: Letter) -> list[Problem]:
    """Differences between a file and its letter; ``extracts``: all of one file, several for a ZIP.

    A letter may name the ZIP (its totals are then the sum of its members), the members, or both. Lines rejected by
    the reader may explain L, P and KK differences.
    """
    container = extracts[0].name.partition("/")[0]
    problems = []
    if container in letter.totals and container != extracts[0].name:
        problems += _differences(container, extracts, letter.totals[container])
    named = [name for extract in extracts for name in names_of(extract.name) if name in letter.totals]
    for extract in extracts:
        names = [name for name in names_of(extract.name) if name in letter.totals]
        if not names and container not in letter.totals:
            problems.append(Problem(letter.name, f"{extract.name} tidak disebut dalam surat",
                                    "nama berkas sama dengan surat pengantar", "konfirmasi ke pengirim"))  # fmt: skip
        for name in names:
            if named.count(name) > 1:
                received = f"{name} dalam surat cocok dengan {named.count(name)} berkas"
                allowed = f"nama lengkap, misalnya {extract.name}"
                problems.append(Problem(letter.name, received, allowed, "konfirmasi ke pengirim"))
            else:
                problems += _differences(extract.name, [extract], letter.totals[name])
    return list(dict.fromkeys(problems))


def _differences(name: str, extracts: list[Extract], expected: dict[str, int]) -> list[Problem]:
    every = [control_totals(extract) for extract in extracts]
    slack = sum(extract.rejects.height for extract in extracts)
    problems = []
    for key, value in expected.items():
        counts = [sum(totals[key] for totals in every)]
        if key == "kk" and len(extracts) > 1:  # a family may lie in two members: the sender counts it once or twice
            counts.append(_families(pl.concat([extract.frame["no_kk"] for extract in extracts])))
        allowed = 0 if key == "jumlah" else slack
        if all(abs(count - value) > allowed for count in counts):
            problems.append(Problem(f"{name}, {TOTALS[key]}", f"berkas {counts[0]}", f"surat pengantar {value}",
                                    "konfirmasi jumlah ke pengirim (BRK-01)"))  # fmt: skip
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
    return {
        "jumlah": extract.received,
        "laki": int((coded == "1").sum()),
        "perempuan": int((coded == "2").sum()),
        "kk": _families(extract.frame["no_kk"]),
    }


def _families(numbers: pl.Series) -> int:
    clean = numbers.drop_nulls().str.strip_chars(INVISIBLE)
    return clean.filter(~clean.is_in(["", "-", "0"])).n_unique()
