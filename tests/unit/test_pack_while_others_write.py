"""Making a pack keeps nobody waiting, and the pack is right whatever the others entered meanwhile."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from office_kit.packs import PAPER, check, issue_papers, members_of, packed, written_batch
from office_kit.small import Opened

from tasks.documents.issue import Document
from tasks.errors import UserError
from tasks.ledger import BUSY_SECONDS, Kind, append, entries, open_ledger, writing

LETTER = Document("surat-balasan.pdf", b"%PDF surat", masked=True)


def packs_entered(opened: Opened) -> list[dict[str, Any]]:
    with open_ledger(opened.batch.office) as ledger:
        found = entries(ledger, opened.batch.agenda, Kind.EXPORTED)
    return [entry.payload for entry in found if "pack" in entry.payload]


def during_check(monkeypatch: pytest.MonkeyPatch, work: Callable[[int], object]) -> None:
    """Each time the pack is being checked somebody does ``work`` (number of the time from 0)."""
    run, times = subprocess.run, list[int]()

    def busy(*given: Any, **more: Any) -> Any:
        times.append(len(times))
        work(times[-1])
        return run(*given, **more)

    monkeypatch.setattr(subprocess, "run", busy)


def right(pack_content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "paket.zip"
    path.write_bytes(pack_content)
    said = check(path)
    assert said.code == 0, said.text


def test_nobody_waits_for_a_pack(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, officials who decide while a pack is made are turned away, or the pack is wrong."""
    written_batch(opened)
    waited = list[float]()

    def other(_: int) -> None:
        began = time.monotonic()
        with open_ledger(opened.batch.office) as ledger, writing(ledger):
            append(ledger, opened.batch.desk.clock, (Kind.BACKUP, "", "sinkron"), {})
        waited.append(time.monotonic() - began)

    with monkeypatch.context() as patched:
        during_check(patched, other)
        pack = packed(opened)
    assert waited
    assert max(waited) < BUSY_SECONDS / 10
    right(pack.content, tmp_path)
    assert len(packs_entered(opened)) == 1
    assert packed(opened).head == pack.head


def test_the_batch_goes_on_meanwhile(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a pack lacks a paper that was put out before the pack's own entry."""
    written_batch(opened)
    with monkeypatch.context() as patched:
        during_check(patched, lambda number: number or issue_papers(opened, LETTER))
        pack = packed(opened)
    assert f"dokumen/{opened.batch.agenda}/{LETTER.name}" in members_of(pack.content)
    right(pack.content, tmp_path)
    (facts,) = packs_entered(opened)
    assert f"dokumen/{opened.batch.agenda}/{LETTER.name}" in facts["contents"]


def test_the_batch_goes_on_all_the_time(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, making a pack never ends, or ends with one that lacks what was entered last."""
    written_batch(opened)
    during_check(
        monkeypatch, lambda number: issue_papers(opened, Document(PAPER.name, b"%PDF" + bytes([number]), masked=True))
    )
    with pytest.raises(UserError, match="bertambah selama paket dibuat"):
        packed(opened)
    assert not packs_entered(opened)


def test_a_pack_found_wrong_leaves_no_entry(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, the Buku Agenda tells of a pack that never left the office."""
    written_batch(opened)
    run = subprocess.run
    # The checker is asked for a head that is not this pack's.
    monkeypatch.setattr(
        subprocess, "run", lambda command, **more: run([*command, "--kepala", "1:AAAA-AAAA-AAAA"], **more)
    )
    with pytest.raises(UserError, match="paket bukti"):
        packed(opened)
    assert not packs_entered(opened)
