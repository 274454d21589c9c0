"""One case: a good file is damaged by its number, read as an office would, and the outcome judged."""

import functools
import io
import os
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fuzz_seeds import Seed, other_seeds, text_seeds, workbook_seeds
from mutate import RAW
from mutate_workbook import KINDS
from office_kit.residents import FIRST, LAST, MOTHERS
from second_sheet import check_sheet
from second_text import SIXTEEN_DIGITS, UnreadableError, check_dbf, check_text
from second_xls import sheets_of_xls
from second_xlsx import sheets_of_xlsx

from tasks.errors import UserError
from tasks.read import Extract, Received, read_received

FAMILIES: dict[str, Callable[[], list[Seed]]] = {"csv": text_seeds, "workbook": workbook_seeds, "lain": other_seeds}
PERSONAL = re.compile(r"(?<!\d)\d{16}(?!\d)|" + "|".join({*FIRST, *LAST, *MOTHERS}))
PLACED = re.compile(r"baris|kolom|lembar|sel |/")
SLOW_SECONDS = 2.0
SECOND_DAMAGE = 0.2
XLS_SHARE = 0.25  # of what chance gives: each is tried out in a process of its own, which costs half a second


@dataclass(frozen=True)
class Case:
    """A damaged file: family and number make it again. ``kinds``: what was done to ``seed``."""

    family: str
    number: int
    seed: Seed
    kinds: tuple[str, ...]
    content: bytes


@dataclass(frozen=True)
class Verdict:
    """``outcome``: "diterima" or "ditolak"; ``reason``: why, without numbers; ``fault``: "" or what is wrong."""

    outcome: str
    reason: str = ""
    fault: str = ""
    placed: bool = False
    seconds: float = 0.0


@functools.cache
def seeds(family: str) -> list[Seed]:
    """The good files of a family."""
    return FAMILIES[family]()


def make(family: str, number: int) -> Case:
    """The case of this number, always the same."""
    chance = random.Random(f"{family} {number}")  # noqa: S311 (examples, not secrets)
    seed = chance.choice(seeds(family))
    if seed.suffix == ".xls" and chance.random() > XLS_SHARE:
        seed = next(other for other in seeds(family) if other.suffix != ".xls")
    other = chance.choice([other for other in seeds(family) if other.suffix == seed.suffix]).content
    damages = KINDS[seed.suffix]
    kind = chance.choice(tuple(damages))
    kinds, content = [kind], damages[kind](chance, seed.content, other)
    while chance.random() < SECOND_DAMAGE and content:
        more = RAW if seed.suffix not in (".csv", ".tsv", ".txt") else damages
        kinds.append(chance.choice(tuple(more)))
        content = more[kinds[-1]](chance, content, other)
    return Case(family, number, seed, tuple(kinds), content)


def run(case: Case, folder: Path) -> Verdict:
    """Reads the damaged file and judges what came of it. ``seconds``: the reader's own time, CPU of all its threads."""
    path, scratch = folder / f"berkas{case.seed.suffix}", folder / "scratch"
    scratch.mkdir(exist_ok=True)
    path.write_bytes(case.content)
    began = _cpu_seconds()
    try:
        received = read_received(path, scratch)
    except UserError as error:
        return _refused(error, path.name, _cpu_seconds() - began)
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return Verdict("salah", fault=f"{type(error).__name__} lolos, bukan UserError", seconds=_cpu_seconds() - began)
    seconds = _cpu_seconds() - began
    fault = _accepted(received, case)
    if not fault and (left := len(list(scratch.iterdir()))):
        fault = f"salinan tertinggal: {left}"
    return Verdict("diterima", fault=fault, seconds=seconds)


def _cpu_seconds() -> float:
    """CPU time of this process, its threads and the children it has waited for."""
    return sum(os.times()[:4])


def _refused(error: UserError, name: str, seconds: float) -> Verdict:
    fault = "" if error.problems else "penolakan tanpa masalah"
    for problem in error.problems:
        texts = (problem.place, problem.received, problem.allowed, problem.next_step)
        if not all(texts):
            fault = "bagian penolakan kosong"
        elif not problem.place.startswith(name):
            fault = "penolakan tanpa nama berkas"
        elif SIXTEEN_DIGITS.search(" ".join(texts)):
            fault = "penolakan memuat nomor penduduk"
    told = error.problems[0] if error.problems else None
    reason = re.sub(r"'[^']*'|\d[\d.,]*|\([^)]*\)", "…", told.received)[:60] if told else ""
    return Verdict("ditolak", reason, fault, any(PLACED.search(p.place + p.received) for p in error.problems), seconds)


def _accepted(received: list[Received], case: Case) -> str:
    if case.seed.suffix != ".zip":
        return _same(received[0].extract, case.content, case.seed.suffix)
    with zipfile.ZipFile(io.BytesIO(case.content)) as archive:
        names = [
            n
            for n in archive.namelist()
            if not n.endswith("/") and not n.rpartition("/")[2].startswith((".DS", "~$", "._"))
        ]
        if [part.member for part in received] != names:
            return "anggota ZIP tidak lengkap"
        for part in received:
            name = part.member or ""
            if fault := _same(part.extract, archive.read(name), Path(name).suffix.lower()):
                return f"anggota {names.index(name) + 1}: {fault}"
    return ""


def _same(extract: Extract, content: bytes, suffix: str) -> str:
    layout = extract.layout
    told = [*layout.mapping, *layout.ignored, layout.kind, layout.place, *(a.told for a in extract.anomalies)]
    if SIXTEEN_DIGITS.search(" ".join(told)):
        return "tanda terima memuat nomor penduduk"
    if extract.physical != extract.received + sum(layout.lines.values()):
        return "baris tidak kekal"
    if suffix in (".csv", ".tsv", ".txt"):
        return check_text(extract, content)
    if suffix == ".dbf":
        return check_dbf(extract, content)
    try:
        sheets = (sheets_of_xls if suffix == ".xls" else sheets_of_xlsx)(content, layout.place)
        return check_sheet(extract, sheets)
    except UnreadableError as error:
        return f"diterima, padahal tidak terbaca: {error}"
