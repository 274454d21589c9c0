"""Heads of the ledger kept elsewhere: on paper, in the second file, in a signed file; and whether the chain has them.

Who can rewrite the ledger can rewrite its hashes as well; only a head that he can not reach tells.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from tasks.anchors import LATE, LEDGER, LINE, RESTORED, Anchor, anchors
from tasks.approvals.case import file_code, same_code
from tasks.approvals.secrets import signed_by
from tasks.errors import Exit, Problem, UserError
from tasks.evidence.findings import Check, Finding, right, warn, wrong
from tasks.ledger import AT_ONCE

PAPER, FILE = "kertas", "berkas jangkar lain"
SIGNATURE = "tanda-tangan"
_TYPED = re.compile(r"([0-9]{1,18}):([0-9A-Za-z][0-9A-Za-z -]{6,70})")
_STATEMENT = "sinkron-kepala/1\n"
SHOWN = 20


@dataclass(frozen=True)
class Head:
    """A head from elsewhere: number of an entry, ``text``: its hash (hex) or eight letters, ``whence``: PAPER, FILE."""

    number: int
    text: str
    whence: str

    def is_of(self, digest: str) -> bool:
        """Whether the entry with that hash is the one noted. The head of an empty ledger is 64 zeros."""
        return self.text.lower() == digest or same_code(self.text, file_code(digest))


def typed_head(text: str) -> Head:
    """A head as it stands on paper, "57:K7Q2-9XMT" or "57:<64 hex digits>". Raises UserError (USAGE)."""
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        allowed = "nomor entri, titik dua, 8 huruf atau 64 angka heksadesimal: 57:K7Q2-9XMT"
        raise UserError(Exit.USAGE, Problem("--kepala", "tidak terbaca", allowed, "salin lagi dari Buku Agenda"))
    return Head(int(found[1]), found[2], PAPER)


def check_heads(hashes: list[str], heads: Iterable[Head]) -> Iterator[Finding]:
    """Each head against the chain (``hashes`` by entry number)."""
    for head in heads:
        if head.number >= len(hashes):
            text = f"kepala {head.number} dari {head.whence} tidak ada: Buku Agenda ini berakhir pada {len(hashes) - 1}"
            yield wrong(Check.HEAD, text)
        elif not head.is_of(hashes[head.number]):
            yield wrong(Check.HEAD, f"kepala {head.number} dari {head.whence} lain dari Buku Agenda ini")
        else:
            yield right(Check.HEAD, f"kepala {head.number} dari {head.whence} cocok")


def bound(lines: list[Anchor], what: str) -> list[Anchor]:
    """The noted heads of LEDGER or STORE that still bind: from the last accepted restore on."""
    last = max((at for at, anchor in enumerate(lines) if anchor.what == RESTORED + what), default=0)
    return [anchor for anchor in lines[last:] if anchor.what in (what, LATE + what, RESTORED + what)]


def read_anchors(path: Path) -> tuple[list[Anchor], list[Finding]]:
    """The second file's lines, or what is wrong with it."""
    try:
        return anchors(path), []
    except (UserError, OSError) as error:
        return [], [wrong(Check.ANCHORS, f"berkas jangkar tidak terbaca: {error}")]


def check_anchors(hashes: list[str], before: list[Anchor], after: list[Anchor], alone: list[int]) -> Iterator[Finding]:
    """The second file against the chain.

    ``before``, ``after``: its lines when the ledger had not been read yet, and had been, so that an office at work is
    not suspected. ``alone``: entries that Sinkron notes one by one; one without its own line was left by a process
    that died, or was written past Sinkron.
    """
    for anchor in bound(before, LEDGER):
        if anchor.number >= len(hashes) or hashes[anchor.number] != anchor.hash:
            text = f"kepala {anchor.number} yang dicatat jangkar pada {anchor.at} tidak ada di Buku Agenda ini"
            yield wrong(Check.ANCHORS, text)
    numbers = {anchor.number for anchor in bound(after, LEDGER)} or {0}
    first, last, count = min(numbers), max(numbers), len(hashes) - 1
    yield right(Check.ANCHORS, f"jangkar: kepala {first} sampai {last} dari {count}")
    if first > 1:
        text = f"jangkar baru mengikat sejak entri {first}: berkasnya diganti, atau cadangan dipulihkan"
        yield warn(Check.ANCHORS, f"{text}; cocokkan dengan Buku Agenda kertas")
    if last < count:
        level = wrong if count - last > AT_ONCE else warn  # a process that died leaves one transaction
        yield level(Check.ANCHORS, f"{count - last} entri terakhir tidak dicatat jangkar")
    own = {anchor.number for anchor in bound(after, LEDGER) if anchor.what != LATE + LEDGER}
    lone = [number for number in alone if number > first and number not in own]
    if lone:
        shown = ", ".join(map(str, lone[:SHOWN])) + (" ..." if len(lone) > SHOWN else "")
        yield warn(Check.ANCHORS, f"entri {shown} tanpa jangkar sendiri: prosesnya mati, atau ditulis tanpa Sinkron")


def head_file(anchor: Anchor, key: Ed25519PrivateKey) -> bytes:
    """One noted head with an Ed25519 signature, to be kept by somebody who does not run the server."""
    line = f"{anchor.what} {anchor.number} {anchor.hash} {anchor.at}\n"
    return f"{line}{SIGNATURE} {key.sign((_STATEMENT + line).encode()).hex()}\n".encode()


def heads_of_file(path: Path, public_key: str | None) -> tuple[list[Head], list[Finding]]:
    """The heads in a copy of the second file or in a signed head file, and what is to be said of the file.

    ``public_key``: Ed25519, hex; then the file must be signed with it.
    """
    try:
        lines, _, signature = path.read_text("ascii", "replace").partition(f"{SIGNATURE} ")
        found = _signed_lines(lines) if signature else anchors(path)
    except (UserError, OSError) as error:
        return [], [wrong(Check.HEAD, f"{path.name} tidak terbaca: {error}")]
    heads = [Head(anchor.number, anchor.hash, FILE) for anchor in bound(found, LEDGER)]
    if not heads:
        return [], [wrong(Check.HEAD, f"{path.name}: tidak memuat kepala Buku Agenda")]
    if public_key is None:
        return heads, [warn(Check.HEAD, f"{path.name}: tanda tangannya tidak diperiksa (--publik)")] * bool(signature)
    if not signature or not signed_by(public_key, (_STATEMENT + lines).encode(), signature.strip()):
        return heads, [wrong(Check.HEAD, f"{path.name}: tidak ditandatangani dengan kunci itu")]
    return heads, [right(Check.HEAD, f"{path.name}: tanda tangan benar")]


def _signed_lines(text: str) -> list[Anchor]:
    found = []
    for line in text.splitlines():
        if LINE.fullmatch(line):
            what, number, digest, at = line.split(" ")
            found.append(Anchor(what, int(number), digest, at))
    return found


def public_key_of(path: Path) -> str:
    """The public half (hex) in a PEM file. Raises UserError (USAGE) for what is no Ed25519 public key."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        problem = Problem(path.name, "bukan kunci publik Ed25519", "berkas PEM kunci publik", "pilih berkas lain")
        raise UserError(Exit.USAGE, problem)
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
