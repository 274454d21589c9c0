"""Enrolling a person: the code is shown once, to nobody else; a key stays its owner's."""

import stat
from pathlib import Path

import pyotp
import pytest
import segno
from office_kit.signers import NIP, NOW, Desk

from flows.cli import main
from tasks.approvals.coded import Coded
from tasks.approvals.enrol import provisioning_uri, qr_terminal, write_png
from tasks.approvals.keyfile import new_key_file, open_key_file
from tasks.approvals.opening import Unmasked, record_opening
from tasks.approvals.people import people
from tasks.approvals.secrets import signed_by
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, entries, open_ledger

PHRASE = "kuda baterai staples benar"
HALVES = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}  # light above, light below; dark is blank


def test_the_terminal_shows_the_very_code() -> None:
    """If this fails, the authenticator reads nothing from the screen, or another person's secret."""
    uri = provisioning_uri(pyotp.random_base32(), NIP["kasi"])
    rows: list[list[int]] = []
    for line in qr_terminal(uri).splitlines():
        rows += [[HALVES[sign][half] for sign in line] for half in (0, 1)]
    code = [list(row) for row in segno.make(uri, error="m").matrix_iter(border=4)]
    assert rows[: len(code)] == [[int(bool(module)) for module in row] for row in code]
    assert pyotp.parse_uri(uri).name == NIP["kasi"]


def test_the_image_is_private_and_never_replaces_one(tmp_path: Path) -> None:
    """If this fails, everybody on the machine can copy the secret, or an old image passes for the new code."""
    target = tmp_path / "kasi.png"
    write_png(provisioning_uri("A" * 32, NIP["kasi"]), target)
    assert target.read_bytes().startswith(b"\x89PNG")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_png("lain", target)


def test_nobody_is_registered_when_the_image_cannot_be_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a person stands in the registry whose secret nobody has ever seen."""
    monkeypatch.setenv("SINKRON_HOME", str(desk.office.home))
    said = ["approver", "add", "--nip", "198001012005011999", "--nama", "Orang", "--peran", "kasi"]
    assert main([*said, "--qr", "/tidak/ada/kasi.png"]) == Exit.USAGE
    with open_ledger(desk.office) as ledger:
        assert "198001012005011999" not in people(ledger)


def test_a_key_opens_with_its_phrase_alone(tmp_path: Path) -> None:
    """If this fails, a found flash disk signs for its owner, or the owner cannot."""
    target = tmp_path / "kasi.pem"
    public = new_key_file(target, PHRASE)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in target.read_bytes()
    assert signed_by(public, b"putusan", open_key_file(target, PHRASE).sign(b"putusan").hex())
    for wrong in ("", PHRASE.upper()):
        with pytest.raises(UserError) as caught:
            open_key_file(target, wrong)
        assert caught.value.exit_code is Exit.IDENTITY
    with pytest.raises(UserError):
        new_key_file(tmp_path / "pendek.pem", "pendek")
    assert not (tmp_path / "pendek.pem").exists()


@pytest.mark.parametrize("wrong", ["code", "stranger", "no post"])
def test_unmasked_data_open_for_a_person_with_a_reason(desk: Desk, wrong: str) -> None:
    """If this fails, residents' values are shown to somebody nobody can name later."""
    from tasks.approvals.people import disable

    at, key, audit = desk.clock, desk.office.key("totp"), (Unmasked.HISTORY, "audit")
    nip = "190001011900011001" if wrong == "stranger" else NIP["kasi"]
    code = "000000" if wrong == "code" else desk.code("kasi")
    with open_ledger(desk.office) as ledger:
        with pytest.raises(UserError) as caught:
            record_opening(ledger, key, Coded("2026-0001", NIP["kasi"], desk.code("kasi"), at), (Unmasked.HISTORY, " "))
        assert caught.value.exit_code is Exit.USAGE
        if wrong == "no post":
            disable(ledger, nip, "pindah", NOW)
        with pytest.raises(UserError) as caught:
            record_opening(ledger, key, Coded("2026-0001", nip, code, at), audit)
        assert caught.value.exit_code is Exit.IDENTITY
        record_opening(ledger, key, Coded("2026-0001", NIP["kadis"], desk.code("kadis"), at), audit)
        tried, opened = [entry.payload for entry in entries(ledger, "2026-0001", Kind.OPENED)]
    assert tried["refused"]
    assert (opened["refused"], opened["what"], opened["reason"]) == ("", "riwayat", "audit")
