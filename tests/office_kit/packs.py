"""Evidence packs in tests: made from a written small office, checked as an auditor would, and taken apart."""

import contextlib
import io
import json
import runpy
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from office_kit.auditor import Audit
from office_kit.signers import NIP
from office_kit.small import Batch, Opened, copy_of
from office_kit.writing import take_back, write
from tasks.documents.issue import Document, issue
from tasks.ledger import canonical, entry_hash, open_ledger
from tasks.pack.make import BOOK, LIST, Pack, make_pack
from tasks.store import open_store
from tasks.tree import Tree, proofs, rests_on

CHECKER = Path(__file__).resolve().parents[2] / "tasks" / "pack" / "periksa.py"
PAPER = Document("berita-acara-uji.pdf", b"%PDF-1.7 berita acara uji\n" * 40, masked=True)
SHEET = Document("lembar-verifikasi-uji.pdf", b"%PDF-1.7 lembar uji\n" * 20, masked=True)
Line = list[Any]  # [seq, at, kind, batch, actor, payload (text), prev, hash]


class Members(dict[str, bytes]):
    """Name -> bytes; told shortly when a test fails."""

    def __repr__(self) -> str:
        return f"<{len(self)} berkas>"


def issue_papers(opened: Opened, *papers: Document, agenda: str = "") -> None:
    """Papers leave the office for the batch."""
    batch = opened.batch
    with open_ledger(batch.office) as ledger:
        for paper in papers or (PAPER,):
            issue(batch.office, ledger, (agenda or batch.agenda, batch.desk.clock), paper)


def written_batch(opened: Opened, *, undone: bool = False) -> None:
    """Approved, written, its papers issued; perhaps undone afterwards."""
    opened.batch.sign()
    issue_papers(opened, SHEET)
    write(opened)
    issue_papers(opened, PAPER)
    if undone:
        case = take_back(opened, opened.batch.agenda)
        issue_papers(opened, PAPER, agenda=case.agenda)


def packed(opened: Opened, *, masked: bool = True) -> Pack:
    """The pack at the desk's time."""
    batch = opened.batch
    with open_ledger(batch.office) as ledger:
        about = (batch.agenda, batch.desk.clock, "" if masked else NIP["kabid"])
        return make_pack(opened.con, ledger, batch.office, about)


def pack_of(source: Batch, home: Path, *, undone: bool = True, masked: bool = True) -> Pack:
    """The pack of a copy of an office, whose batch is approved, written and perhaps undone."""
    batch = copy_of(source, home)
    with open_store(batch.office) as con:
        opened = Opened(batch, con)
        written_batch(opened, undone=undone)
        return packed(opened, masked=masked)


def check(path: Path, *given: str) -> Audit:
    """The checker as an auditor starts it: isolated, without site-packages, from another folder."""
    done = started(path, *given)
    assert not done.stderr, done.stderr
    return Audit(done.returncode, done.stdout)


def started(path: Path, *given: str) -> subprocess.CompletedProcess[str]:
    """The checker's process, whatever it said where."""
    command = [sys.executable, "-I", "-S", CHECKER, path, *given]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def check_here(path: Path, *given: str) -> Audit:
    """The same in this process, for hundreds of packs."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = runpy.run_path(str(CHECKER))["main"](path, list(given))
    return Audit(code, said.getvalue())


def members_of(content: bytes) -> Members:
    """Name -> bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as box:
        return Members({name: box.read(name) for name in box.namelist()})


def zipped(path: Path, members: Members) -> Path:
    """Any members as a ZIP."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as box:
        for name, content in members.items():
            box.writestr(name, content)
    return path


def book_of(members: Members) -> list[tuple[Line, list[str]]]:
    """The lines of a pack's ledger extract, each with its proof."""
    return [tuple(json.loads(line)) for line in members[BOOK].decode().splitlines()]


def with_book(members: Members, lines: list[tuple[Line, list[str]]]) -> Members:
    """The members with another extract, written as Sinkron writes it."""
    text = "".join(f"{json.dumps(list(one), ensure_ascii=False)}\n" for one in lines)
    return Members(members | {BOOK: text.encode()})


def listed_again(members: Members) -> Members:
    """The list of contents made to agree with the members."""
    rest = {name: content for name, content in members.items() if name not in (BOOK, LIST)}
    lines = "".join(f"{sha256(rest[name]).hexdigest()}  {name}\n" for name in sorted(rest))
    return Members(members | {LIST: lines.encode()})


def sealed_again(members: Members) -> Members:
    """Everything made to agree by somebody who knows all formulas: the list, and the pack's own entry."""
    members, lines = listed_again(members), book_of(members)
    own = lines[-1][0]
    facts = json.loads(own[5])
    facts["contents"] = {name: sha256(members[name]).hexdigest() for name in sorted(members) if name != BOOK}
    earlier = taken_over([line for line, _ in lines], own[3])
    kin = [line[7] for line, _ in lines[:-1] if rests_on(own[3], line[2], line[3], earlier)]
    facts["rests"] = Tree(kin).facts
    own[5] = canonical(facts)
    own[7] = entry_hash(own[6], *own[:6])
    return with_book(members, lines)


def taken_over(lines: list[Line], agenda: str) -> set[str]:
    """The batches whose decisions the proposals of a batch take over, by these lines."""
    return {earlier for line in lines if line[3] == agenda for earlier in json.loads(line[5]).get("rests_on", ())}


def forged_ledger(lines: list[tuple[Line, list[str]]]) -> list[tuple[Line, list[str]]]:
    """A whole ledger made of these entries alone: numbered, chained, with trees and proofs of its own."""
    made: list[Line] = []
    for (_, *fields, _, _), _ in lines:
        facts = json.loads(fields[4])
        if "tree" in facts:
            earlier = taken_over(made, fields[2])
            own = Tree(one[7] for one in made if rests_on(fields[2], one[2], one[3], earlier))
            facts |= {"tree": Tree(one[7] for one in made).facts, "rests": own.facts}
        row = [len(made) + 1, *fields[:4], canonical(facts)]
        prev = made[-1][7] if made else "0" * 64
        made.append([*row, prev, entry_hash(prev, *row)])
    hashes = [one[7] for one in made]
    first = next(one[0] for one in made if one[2] in ("data.ditulis", "data.dibatalkan"))
    paths = [*proofs(hashes[: first - 1], range(first - 1)), *proofs(hashes[:-1], range(first - 1, len(made) - 1)), []]
    return list(zip(made, paths, strict=True))
