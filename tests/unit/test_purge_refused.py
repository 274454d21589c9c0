"""A batch's data are not destroyed too early, by too few, without their knowing what, or while somebody needs them."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from office_kit import destroying
from office_kit.destroying import AFTER, ask, asked, destroyed, do, lying, sign
from office_kit.small import Batch

from tasks.approvals.docket import docket
from tasks.errors import DigestMismatchError, Exit, NotApprovedError, UserError
from tasks.ledger import Kind, entries, open_ledger
from tasks.store import open_store
from tasks.write.undo import propose_undo


def refused(batch: Batch, reason: str = destroying.REASON) -> UserError:
    with (
        open_ledger(batch.office) as ledger,
        open_store(batch.office) as con,
        pytest.raises(UserError) as caught,
    ):
        ask(batch, con, ledger, reason)
    with open_ledger(batch.office) as ledger:
        assert not entries(ledger, kind=Kind.PURGE)
    return caught.value


def test_not_before_its_time(old: Batch) -> None:
    """If this fails, somebody destroys the evidence of last week's mistake."""
    old.desk.clock = AFTER.replace(month=10, day=5)  # one day short of a year
    assert "mulai 06-10-2026" in str(refused(old))
    old.office.settings_file.write_text("")
    error = refused(old)
    assert error.exit_code is Exit.OFFICE
    assert "retensi_tahun" in str(error)


def test_a_reason_is_needed(old: Batch) -> None:
    """If this fails, the Berita Acara of a destruction does not say on what schedule it rests."""
    assert "alasan" in str(refused(old, "  "))


def test_nothing_may_come_between(old: Batch) -> None:
    """If this fails, a batch is destroyed although people have asked meanwhile for its undo, or longer keeping."""
    case = asked(old)
    sign(old, case)
    with open_ledger(old.office) as ledger, open_store(old.office) as con, pytest.raises(UserError) as caught:
        propose_undo(con, ledger, old.agenda, ("keliru", old.desk.clock))
    assert "sedang diputuskan" in str(caught.value)
    old.office.settings_file.write_text("retensi_tahun = 30\n")
    with pytest.raises(DigestMismatchError):
        do(old.office, case, old.desk.clock + timedelta(seconds=1))
    assert lying(old)


def test_links_are_not_followed(old: Batch, tmp_path: Path) -> None:
    """If this fails, a link goes and what it leads to stays, and the office calls that destroyed."""
    (old.office.archive / old.agenda).rename(tmp_path / "disk besar")
    (old.office.archive / old.agenda).symlink_to(tmp_path / "disk besar")
    assert "tautan ke tempat lain" in str(refused(old))


def test_an_open_undo_keeps_a_batch(old: Batch) -> None:
    """If this fails, people decide about an undo whose papers can not be made any more."""
    with open_ledger(old.office) as ledger, open_store(old.office) as con:
        propose_undo(con, ledger, old.agenda, ("keliru", old.desk.clock))
    assert f"masih dipakai {old.agenda}-U1" in str(refused(old))


def test_the_disk_with_the_copies_must_be_there(old: Batch, tmp_path: Path) -> None:
    """If this fails, the office believes in a destruction while the key lies on a disk in a drawer."""
    copy = tmp_path / "disk lain"
    copy.mkdir(mode=0o700)
    shutil.copy(old.office.batch_keys / f"{old.agenda}.key", copy / f"{old.agenda}.key")
    shutil.copy(old.office.batch_keys / f"{old.agenda}.key", copy / f".tertinggal-{old.agenda}-ab12.key")
    old.office.settings_file.write_text(f'retensi_tahun = 1\nsalinan_kunci = "{copy}"\n')
    away = copy.rename(tmp_path / "laci")
    assert refused(old).exit_code is Exit.OFFICE
    away.rename(copy)
    destroyed(old)
    assert not [path for path in copy.iterdir() if old.agenda in path.name]


@pytest.mark.parametrize("missing", ["staff", "kasi", "kabid", "kadis"])
def test_nothing_goes_without_everybody(old: Batch, missing: str) -> None:
    """If this fails, one person destroys what another may need as evidence."""
    case, roles = asked(old), ("staff", "kasi", "kabid", "kadis")
    sign(old, case, *roles[: roles.index(missing)]) if missing != "staff" else None
    with pytest.raises(NotApprovedError):
        do(old.office, case, old.desk.clock + timedelta(seconds=1))
    assert lying(old)


def test_a_tidak_ends_it_and_it_can_be_asked_again(old: Batch) -> None:
    """If this fails, a refused destruction is carried out all the same, or can never be asked for again."""
    case = asked(old)
    sign(old, case, "staff")
    assert old.desk.say("kasi", "Tidak", lay=False, note="masih dipakai pemeriksaan").accepted
    with open_ledger(old.office) as ledger:
        assert not docket(ledger, case.agenda).is_open
    assert asked(old).agenda == f"{old.agenda}-P2"


def test_what_was_signed_must_still_lie_there(old: Batch) -> None:
    """If this fails, people sign the destruction of one archive and another one goes."""
    case = asked(old)
    sign(old, case)
    (old.office.archive / old.agenda / "02.csv.terkunci").write_bytes(b"lain")
    with pytest.raises(DigestMismatchError):
        do(old.office, case, old.desk.clock + timedelta(seconds=1))
    assert lying(old)
