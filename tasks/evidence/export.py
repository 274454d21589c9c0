"""The folder an auditor takes away: the whole ledger, the noted heads, the verifier; the signed bytes only if asked.

The ledger is never cut: a chain with a part left out can not be recomputed. It holds no resident's data; the
change-sets do, so they are written only on request, and the caller enters that in the ledger first.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tasks.approvals.case import file_code
from tasks.approvals.device import Device, from_base64url, pem_of, signed_bytes
from tasks.approvals.people import DEVICE
from tasks.approvals.prove import BY_DEVICE
from tasks.errors import Exit, Problem, UserError
from tasks.evidence.proofs import assertion_of, signed_statement
from tasks.evidence.replay import SIGNED, WRITTEN
from tasks.ledger import Kind, entries_of, head, verify
from tasks.office import PRIVATE_FOLDER
from tasks.private import new_private
from tasks.propose.changeset import canonical

BOOK, ANCHORS, VERIFIER, README = "buku-agenda.jsonl", "kepala.log", "verifier.py", "BACA-SAYA.txt"
DEVICES = "perangkat"
COLUMNS = "seq, at, kind, batch, actor, payload, prev, hash"

_README = """Bukti dari Buku Agenda elektronik (Sinkron)

Isi
  {book}   seluruh Buku Agenda, satu entri per baris
  {anchors}          kepala yang dicatat di luar Buku Agenda (bila ada)
  {verifier}         pemeriksa mandiri: Python 3.9 ke atas, tanpa perangkat lain, paling banyak 150 baris
{changes}
Memeriksa, di komputer mana pun:
  python -I {verifier} .
  python -I {verifier} . --kepala {number}:{code}     dengan kepala dari Buku Agenda kertas

Baris pertama adalah putusannya: BENAR, SALAH, atau TIDAK ADA yang diperiksa. Kode keluar 0, 1, 2.
Kepala saat bukti ini dibuat: {number}, {code}, {head}
Angka dan huruf itu harus sama dengan yang tertulis di Buku Agenda kertas; bila tidak, bukti ini tidak berlaku.
"""
_DEVICES = """  perangkat/          tanda tangan kunci perangkat, lima berkas per entri, untuk openssl:
                      .pem kunci, .sig tanda tangan, .bin yang ditandatangani, .json dari peramban, .txt pernyataan
"""
_CHANGES = """  usulan-*.txt        usulan yang ditulis, persis seperti ditandatangani. BERISI DATA PRIBADI PENDUDUK:
                      simpan terenkripsi, hapus sesudah diperiksa (UU 27/2022)
"""


@dataclass(frozen=True)
class Signed:
    """One written change-set: its exact bytes are what the digest in the ledger is of."""

    agenda: str
    round: int
    digest: str


def written_rounds(ledger: sqlite3.Connection, agenda: str | None = None) -> list[Signed]:
    """Every written batch and undo, or those of one agenda number (and of its undos)."""
    return [
        Signed(entry.batch, entry.payload.get("round", 1), entry.payload["digest"])
        for entry in entries_of(ledger, WRITTEN)
        if agenda is None or entry.batch == agenda or entry.batch.startswith(f"{agenda}-U")
    ]


def export(
    ledger: sqlite3.Connection,
    anchors: Path,
    folder: Path,
    changes: tuple[duckdb.DuckDBPyConnection, Iterable[Signed]] | None = None,
) -> list[Path]:
    """Writes the folder (new or empty; 0700, files 0600) and returns its files.

    ``anchors``: the second file. ``changes``: an open store and the written rounds whose bytes go along; the caller
    has entered that in the ledger before. Raises LedgerBrokenError for a broken chain (then ledger.sqlite itself is
    the evidence), UserError (USAGE) when the folder holds something.
    """
    verify(ledger)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        allowed = "folder baru atau kosong"
        raise UserError(Exit.USAGE, Problem(f"folder {folder.name}", "sudah berisi", allowed, "pilih nama lain"))
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    number, digest = head(ledger)
    contents = {BOOK: _lines(ledger), VERIFIER: Path(__file__).with_name(VERIFIER).read_bytes()}
    if anchors.exists():
        contents[ANCHORS] = anchors.read_bytes()
    store, signed = changes or (None, ())
    if store is not None:
        contents |= {f"usulan-{one.agenda}-r{one.round}.txt": canonical(store, one.agenda, one.round) for one in signed}
    by_device = device_files(ledger)
    told = (_DEVICES if by_device else "") + (_CHANGES if store is not None else "")
    about = {"book": BOOK, "anchors": ANCHORS, "verifier": VERIFIER, "changes": told}
    told = _README.format(**about, number=number, head=digest, code=file_code(digest))
    contents[README] = told.encode()
    contents |= by_device
    if by_device:
        (folder / DEVICES).mkdir(mode=PRIVATE_FOLDER)
    for name, content in contents.items():
        with new_private(folder / name) as file:
            file.write(content)
    return [folder / name for name in contents]


def _lines(ledger: sqlite3.Connection) -> bytes:
    """Every entry with its payload's exact text, as one JSON array a line."""
    rows = ledger.execute(f"select {COLUMNS} from entries order by seq")
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()


def device_files(ledger: sqlite3.Connection) -> dict[str, bytes]:
    """Of every decision that a device key signed, by its entry's number, what openssl needs to verify it.

    ``.pem``: the enrolled key, ``.sig``: the signature, ``.bin``: what it is over, ``.json``: what the browser said
    (its SHA-256 ends ``.bin``), ``.txt``: the statement (its SHA-256 is the challenge in ``.json``).
    """
    found: dict[str, bytes] = {}
    enrolled = _enrolled(ledger)
    for entry in entries_of(ledger, SIGNED):
        if entry.payload["method"] != BY_DEVICE:
            continue
        assertion = assertion_of(entry)
        parts = {
            "pem": enrolled[assertion.credential], "sig": from_base64url(assertion.signature),
            "bin": signed_bytes(assertion), "json": from_base64url(assertion.client),
            "txt": signed_statement(entry) or b"",
        }  # fmt: skip
        found |= {f"{DEVICES}/{entry.seq}.{kind}": content for kind, content in parts.items()}
    return found


def _enrolled(ledger: sqlite3.Connection) -> dict[str, bytes]:
    """Every device key that was ever enrolled, by its id (PEM)."""
    given = [entry.payload for entry in entries_of(ledger, (Kind.CREDENTIAL,))]
    proofs = [facts["proof"] for facts in given if facts["method"] == DEVICE]
    return {proof["credential"]: pem_of(Device(**proof)) for proof in proofs}
