"""Makes the pack: collects what was issued and signed, enters in the ledger what goes along, checks itself, zips.

The pack's own entry {pack, masked, contents, tree, rests} comes first. It binds every member (``contents``: SHA-256 by
name) and every entry before it, so one head on paper stands for the whole pack.
"""

import contextlib
import hashlib
import io
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from tasks.documents.issue import finish, folder_of, issued
from tasks.errors import DigestMismatchError, Exit, Problem, UserError
from tasks.ledger import Entry, Kind, LedgerConnection, append, entries, entries_of, head, verify, writing
from tasks.office import Office
from tasks.pack.extract import WRITINGS, extract, lines_of
from tasks.pack.reading import masked_copy
from tasks.pack.readme import readme
from tasks.propose.changeset import canonical
from tasks.tree import commit, rests_on
from tasks.write.conflicts import base_of

BOOK, LIST, README, CHECKER = "buku-agenda.jsonl", "daftar-isi.txt", "BACA-SAYA.txt", "periksa.py"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # a ZIP's first possible time: the same bytes each time
CHECK_SECONDS = 300
TRIES = 5  # each time somebody else wrote to the same batch while its pack was made


@dataclass(frozen=True)
class Pack:
    """A finished pack. ``name``, ``content``: the ZIP; ``head``: number and hash of its own entry.

    ``left_out``: papers that were issued and no longer lie in the folder.
    """

    name: str
    content: bytes
    head: tuple[int, str]
    left_out: tuple[str, ...]


def pack_name(agenda: str, *, masked: bool) -> str:
    """File name of a batch's pack, before encryption."""
    return f"bukti-{agenda}.zip" if masked else f"bukti-{agenda}-terbuka.zip"


def check_written(ledger: LedgerConnection, agenda: str) -> None:
    """Raises UserError (USAGE) when nothing of a batch was written, or an undo that is named was not."""
    if agenda not in {entry.batch for entry in _writings(ledger, base_of(agenda))}:
        raise _not_written()


def make_pack(
    con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, office: Office, about: tuple[str, datetime, str]
) -> Pack:
    """The pack of a written batch and all its undos. ``about``: (agenda, now, NIP of whoever opened it, "" = masked).

    A masked pack made again from the same papers and entries has the same bytes. Raises UserError (USAGE) when nothing
    was written; (OFFICE) naming every paper that is not as issued, what the pack's own check found, or that the batch
    goes on all the time; DigestMismatchError when the store's change-set is not the signed one; LedgerBrokenError.
    """
    agenda, now, nip = about
    base, masked = base_of(agenda), not nip
    verify(ledger)
    before, began = head(ledger), time.monotonic()

    def at(con: sqlite3.Connection) -> datetime:  # others write while the pack is made: its entry is later than theirs
        return now if head(con) == before else now + timedelta(seconds=time.monotonic() - began)

    for _ in range(TRIES):
        made, checked = _prepared(con, ledger, office, (base, masked)), b""
        own = _known(ledger, base, made.facts) if masked else None
        if own is None:
            checked = _rehearsed(ledger, (base, nip), made, at)
            if checked:
                _check(office, checked)
            with writing(ledger):
                own = _entered(ledger, (base, at(ledger), nip), made)
        if own is not None:
            content = _zipped(made.members | {BOOK: extract(ledger, base, own.seq)})
            if content != checked:
                _check(office, content)
            return Pack(str(made.facts["pack"]), content, (own.seq, own.hash), made.left_out)
    received, allowed = "Buku Agenda bertambah selama paket dibuat", "agenda yang tidak sedang dikerjakan"
    raise UserError(Exit.OFFICE, Problem("paket bukti", received, allowed, "ulangi perintah ini sesudahnya"))


@dataclass(frozen=True)
class _Prepared:
    """A pack but for its extract of the ledger. ``facts``: of its own entry; ``upto``: newest entry before it."""

    members: dict[str, bytes]
    facts: dict[str, object]
    left_out: tuple[str, ...]
    upto: int


def _prepared(
    con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, office: Office, about: tuple[str, bool]
) -> _Prepared:
    """``about``: (agenda of the batch, masked)."""
    base, masked = about
    upto, written = head(ledger)[0], _writings(ledger, base)
    papers, left_out = _papers(ledger, office, base)
    members = papers | _change_sets(con, written, masked=masked)
    kop, name = office.settings.kop, pack_name(base, masked=masked)
    members[README] = readme(f"{kop.dinas}, {kop.pemerintah}", name, written[0], masked=masked)
    members[CHECKER] = Path(__file__).with_name(CHECKER).read_bytes()
    members[LIST] = "".join(f"{_sum(members[one])}  {one}\n" for one in sorted(members)).encode()
    facts = {"pack": name, "masked": masked, "contents": {one: _sum(members[one]) for one in sorted(members)}}
    return _Prepared(members, facts, tuple(left_out), upto)


def _rehearsed(
    ledger: LedgerConnection, about: tuple[str, str], made: _Prepared, at: Callable[[sqlite3.Connection], datetime]
) -> bytes:
    """The pack as it will be unless somebody writes meanwhile, b"" when the batch already went on.

    Made from a copy of the ledger in memory: a pack that its checker finds wrong leaves no entry, and nobody waits.
    """
    base, nip = about
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
        ledger.backup(copy)
        own = _entered(copy, (base, at(copy), nip), made)
        return _zipped(made.members | {BOOK: extract(copy, base, own.seq)}) if own else b""


def _entered(con: sqlite3.Connection, about: tuple[str, datetime, str], made: _Prepared) -> Entry | None:
    """The pack's own entry, None when the batch's entries are no longer those that it was made from."""
    base, now, nip = about
    if any(line[0] > made.upto for line in lines_of(con, base)):
        return None
    append(con, now, (Kind.EXPORTED, base, nip or "sinkron"), made.facts | commit(con, base))
    return entries(con, base, Kind.EXPORTED)[-1]


def agenda_of(content: bytes) -> str:
    """The batch that a pack is about, by its own entry. Raises UserError (FILE) for what is no pack."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as box:
            return str(json.loads(box.read(BOOK).splitlines()[-1])[0][3])
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError):
        allowed, step = "paket bukti Sinkron", "periksa berkasnya"
        raise UserError(Exit.FILE, Problem("isi berkas", "bukan paket bukti", allowed, step)) from None


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _writings(ledger: LedgerConnection, base: str) -> list[Entry]:
    """The writing of a batch and its undos, in order."""
    found = [entry for entry in entries_of(ledger, WRITINGS) if rests_on(base, "", entry.batch)]
    if not found:
        raise _not_written()
    return found


def _not_written() -> UserError:
    allowed, step = "agenda yang sudah ditulis", "lihat: sinkron status"
    return UserError(Exit.USAGE, Problem("nomor agenda", "belum ditulis, atau tidak dikenal", allowed, step))


def _papers(ledger: LedgerConnection, office: Office, base: str) -> tuple[dict[str, bytes], list[str]]:
    """(Members, names of those that are gone): masked papers of a batch and its undos, as they were issued."""
    found, gone, changed = dict[str, bytes](), list[str](), list[Problem]()
    for batch in dict.fromkeys(str(line[3]) for line in lines_of(ledger, base) if rests_on(base, "", line[3])):
        finish(office, ledger, batch)
        for name, facts in issued(ledger, batch).items():
            path, member = folder_of(office, batch, masked=True) / name, f"dokumen/{batch}/{name}"
            if not facts["masked"]:
                continue
            if not path.is_file():
                gone.append(member)
                continue
            found[member] = path.read_bytes()
            if _sum(found[member]) != facts["sha256"]:
                changed.append(Problem(member, "isinya bukan yang dikeluarkan kantor", "berkas seperti dikeluarkan",
                                       f"pindahkan berkas itu, lalu sinkron documents {batch}"))  # fmt: skip
    if changed:
        raise UserError(Exit.OFFICE, *changed)
    return found, gone


def _change_sets(con: duckdb.DuckDBPyConnection, written: list[Entry], *, masked: bool) -> dict[str, bytes]:
    """For each writing a masked workbook to read, and unmasked also the exact bytes that were signed."""
    found = dict[str, bytes]()
    for entry in written:
        round_no, name = entry.payload.get("round", 1), f"usulan-{entry.batch}-r{entry.payload.get('round', 1)}"
        signed = canonical(con, entry.batch, round_no)
        if _sum(signed) != entry.payload["digest"]:
            raise DigestMismatchError(
                f"usulan {entry.batch} di store bukan yang ditandatangani; jalankan sinkron verify"
            )
        found[f"{name}-tersamar.xlsx"] = masked_copy(con, entry.batch, round_no)
        if not masked:
            found[f"{name}.txt"] = signed
    return found


def _known(ledger: LedgerConnection, base: str, facts: dict[str, object]) -> Entry | None:
    """The entry of the same pack made before, when nothing came since but packs and openings."""
    packs = [entry for entry in entries(ledger, base, Kind.EXPORTED) if "pack" in entry.payload]
    same = [entry for entry in packs if facts.items() <= entry.payload.items()]
    passing = {entry.seq for entry in (*packs, *entries(ledger, base, Kind.OPENED))}
    if not same or any(line[0] > same[-1].seq and line[0] not in passing for line in lines_of(ledger, base)):
        return None
    return same[-1]


def _zipped(members: dict[str, bytes]) -> bytes:
    """A ZIP with the same bytes for the same members."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as box:
        for name in sorted(members):
            about = zipfile.ZipInfo(name, EARLIEST)
            about.create_system, about.external_attr, about.compress_type = 3, 0o600 << 16, zipfile.ZIP_DEFLATED
            box.writestr(about, members[name])
    return content.getvalue()


def _check(office: Office, content: bytes) -> None:
    """No pack leaves the office that its own checker does not find right. Raises UserError (OFFICE) with all faults."""
    with tempfile.TemporaryDirectory(dir=office.scratch) as folder:
        path = Path(folder) / "paket.zip"
        path.write_bytes(content)
        command = [sys.executable, "-I", str(Path(__file__).with_name(CHECKER)), str(path)]
        said = subprocess.run(  # noqa: S603 (this Python, our own checker, a path that we made: nothing from outside)
            command, capture_output=True, text=True, check=False, timeout=CHECK_SECONDS
        )
    if said.returncode:
        count = said.stdout.partition(" hal")[0].removeprefix("SALAH: ")
        faults = said.stdout.splitlines()[1 : 1 + int(count)] if count.isdigit() else ["pemeriksa tidak berjalan"]
        step = "jalankan sinkron verify; Buku Agenda atau store tidak cocok"
        raise UserError(Exit.OFFICE, *(Problem("paket bukti", fault, "paket yang benar", step) for fault in faults))
