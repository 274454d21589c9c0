"""An attacker with every file of the office, SQL, and the formulas: what he changes is found, or only paper finds it.

Where only paper can find it, the test says so and shows that the head on paper does.
"""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from office_kit.auditor import Audit, audit, copied, found, on_paper, receive, refused_to_open, told, write
from office_kit.forger import Row, forge_anchors, numbered, past_triggers, rewrite, rows_of
from office_kit.signers import AGENDA, NIP, Desk

from tasks.evidence.findings import Severity
from tasks.ledger import utc
from tasks.office import Office

OUTSIDER = "198001012005011905"


@dataclass
class Victim:
    """A written batch of an office whose head stands on paper."""

    desk: Desk
    paper: str
    folder: Path

    @property
    def office(self) -> Office:
        return self.desk.office

    def wrong(self, *heads: str) -> str:
        return told(found(self.office, *heads), Severity.WRONG)

    def audit(self, *heads: str) -> Audit:
        shutil.rmtree(self.folder, ignore_errors=True)
        return audit(copied(self.office, self.folder), *(part for head in heads for part in ("--kepala", head)))


@pytest.fixture
def victim(desk: Desk, tmp_path: Path) -> Victim:
    receive(desk)
    desk.sign()
    write(desk)
    return Victim(desk, on_paper(desk.office), tmp_path / "bukti")


def _other_kadis(rows: list[Row]) -> None:
    """Somebody who holds no post takes the Kadis' place in the signature."""
    rows[numbered(rows, "keputusan")[-1]][4] = OUTSIDER


def _same_person(rows: list[Row]) -> None:
    """Kasi also signs as Kadis, with a mandate that is slipped in at the start."""
    rows[numbered(rows, "keputusan")[-1]][4] = NIP["kasi"]
    facts = {"nip": NIP["kasi"], "mandate": dict(rows[1][5]["mandate"], role="kadis")}
    rows.insert(4, [0, rows[3][1], "mandat.diberikan", "", "sinkron", facts, "", ""])


def _no_kabid(rows: list[Row]) -> None:
    del rows[numbered(rows, "keputusan")[2]]


def _swapped_order(rows: list[Row]) -> None:
    one, other = numbered(rows, "keputusan")[-2:]
    rows[one], rows[other] = rows[other], rows[one]


def _other_digest(rows: list[Row]) -> None:
    rows[numbered(rows, "data.ditulis")[0]][5]["digest"] = "c" * 64


def _expired(rows: list[Row]) -> None:
    rows[3][5]["mandate"]["valid_to"] = "2026-10-05"


def _no_becomes_yes(rows: list[Row]) -> None:
    """What was a Tidak in the truth: here a round closed before the signatures."""
    place = numbered(rows, "keputusan")[1]
    refusal = [0, *rows[place][1:5], dict(rows[place][5], decision="Tidak", note="x", totp_step=1), "", ""]
    rows.insert(place, refusal)


def _written_twice(rows: list[Row]) -> None:
    rows.append([*rows[-1]])


def _voided(rows: list[Row]) -> None:
    last = rows[-1]
    facts = {"round": 1, "digest": last[5]["digest"], "why": "konflik", "rows": 1}
    rows.insert(len(rows) - 1, [0, *last[1:2], "usulan.gugur", AGENDA, "sinkron", facts, "", ""])


CONTRADICTING: dict[str, Callable[[list[Row]], None]] = {
    "orang tanpa jabatan": _other_kadis, "satu orang dua jenjang": _same_person, "tanpa Kabid": _no_kabid,
    "urutan terbalik": _swapped_order, "sidik lain": _other_digest, "mandat habis": _expired,
    "sesudah Tidak": _no_becomes_yes, "ditulis dua kali": _written_twice, "sesudah gugur": _voided,
}  # fmt: skip


@pytest.mark.parametrize("name", CONTRADICTING)
def test_what_contradicts_itself_is_found_without_any_anchor(victim: Victim, name: str) -> None:
    """If this fails, a writing that three people never approved stands in a ledger that verifies as right."""
    rewrite(victim.office, CONTRADICTING[name])
    forge_anchors(victim.office)
    assert victim.wrong()
    assert victim.audit().wrong


def _plausible(rows: list[Row]) -> None:
    """Another note under the same signature: every rule still holds."""
    rows[numbered(rows, "keputusan")[-1]][5]["note"] = "lain"


def _other_name(rows: list[Row]) -> None:
    rows[3][5]["name"] = "ORANG LAIN"


def _cut_tail(rows: list[Row]) -> None:
    del rows[-3:]


REWRITTEN = {"catatan": _plausible, "nama": _other_name, "ekor": _cut_tail}


@pytest.mark.parametrize("name", REWRITTEN)
def test_a_rewritten_chain_is_found_by_the_second_file(victim: Victim, name: str) -> None:
    """If this fails, whoever knows the formula can rewrite or cut the ledger behind everybody's back."""
    rewrite(victim.office, REWRITTEN[name])
    assert "jangkar" in victim.wrong()
    assert victim.audit().wrong
    assert refused_to_open(victim.office)


@pytest.mark.parametrize("name", REWRITTEN)
def test_only_paper_finds_a_rewriting_of_both_files(victim: Victim, name: str) -> None:
    """If this fails, the head that somebody wrote into the Buku Agenda by hand protects nothing."""
    rewrite(victim.office, REWRITTEN[name])
    forge_anchors(victim.office)
    assert not victim.wrong(), "tanpa kertas tidak ada yang dapat melihatnya"
    assert victim.audit().code == 0
    assert "kertas" in victim.wrong(victim.paper)
    assert victim.audit(victim.paper).wrong


def test_without_closing_the_chain(victim: Victim) -> None:
    """If this fails, changing one word in SQLite is enough."""
    with past_triggers(victim.office.ledger) as con:
        con.execute("update entries set payload = replace(payload, '\"Ya\"', '\"Ya\" ') where seq = 11")
    assert "rantai putus pada entri 11" in victim.wrong()
    assert "rantai putus pada entri 11" in victim.audit().text


def _append(office: Office, kind: str, actor: str, facts: dict[str, object], batch: str = "") -> None:
    """One entry that continues the chain, past Sinkron: no trigger refuses it and no anchor notes it."""
    last = rows_of(office.ledger)[-1]
    rewrite(office, lambda rows: rows.append([0, last[1], kind, batch, actor, facts, "", ""]))


def test_a_mandate_that_was_appended(victim: Victim) -> None:
    """If this fails, somebody makes himself Kadis in SQL and signs through the front door."""
    mandate = {
        "role": "kadis",
        "kind": "plh",
        "letter": "800/77/2026",
        "valid_from": "2026-10-06",
        "valid_to": "2026-10-09",
    }
    _append(victim.office, "mandat.diberikan", "sinkron", {"nip": NIP["staff"], "mandate": mandate})
    lone = "entri 13 tanpa jangkar sendiri"
    assert lone in told(found(victim.office))
    assert "entri [13]: tanpa jangkar" in victim.audit().text
    victim.desk.case = ("2026-0002", 1, "d" * 64)
    receive(victim.desk, "2026-0002")  # the office goes on working, and later heads cover the forged entry
    victim.desk.sign("staff")
    assert lone in told(found(victim.office))
    forge_anchors(victim.office)
    assert lone not in told(found(victim.office))
    letter = "800/77/2026"  # nothing but the letter that does not exist: both readings list it to be compared
    assert letter in told(found(victim.office), Severity.OK)
    assert letter in victim.audit().text


def test_a_decision_that_was_slipped_in_before_the_head_on_paper(desk: Desk, tmp_path: Path) -> None:
    """If this fails, root forges a code and an approval, and the head of that evening still matches."""
    receive(desk)
    desk.sign("staff", "kasi", "kabid")
    paper = on_paper(desk.office)
    victim = Victim(desk, paper, tmp_path / "bukti")
    forged = dict(rows_of(desk.office.ledger)[-1][5], role="kadis", key="kadis-r1-t9", totp_step=58_600_000)
    forged["mandate"] = forged["mandate"] | {"role": "kadis"}
    forged["submitted_at"], forged["totp_step"] = utc(desk.clock), int(desk.clock.timestamp()) // 30

    def slip_in(rows: list[Row]) -> None:
        rows.append([0, utc(desk.clock), "keputusan", AGENDA, NIP["kadis"], forged, "", ""])

    rewrite(desk.office, slip_in)
    write(desk)
    assert "tanpa jangkar sendiri" in told(found(desk.office)), "entri palsu tidak dicatat jangkar"
    forge_anchors(desk.office)
    assert not victim.wrong(paper), "sesudah kepala di kertas, root di server dapat memalsukan kode TOTP (README)"
    assert "root di sana dapat memalsukannya" in victim.audit(paper).text
    rewrite(desk.office, lambda rows: rows.insert(9, rows.pop(10)))
    forge_anchors(desk.office)
    assert "kertas" in victim.wrong(paper)


def test_a_code_used_twice(victim: Victim) -> None:
    """If this fails, one code read over somebody's shoulder signs again and again."""

    def replay(rows: list[Row]) -> None:
        for place in numbered(rows, "keputusan"):
            rows[place][4], rows[place][5]["totp_step"] = NIP["kasi"], 59_700_000
            rows[place][5]["role"] = "kasi"

    rewrite(victim.office, replay)
    assert "kode dipakai lagi" in victim.wrong()


def test_secrets_of_two_people_exchanged(victim: Victim) -> None:
    """If this fails, Kasi's telephone makes the codes of the Kadis."""
    with sqlite3.connect(victim.office.ledger) as con:
        held = {nip: (nonce, sealed) for nip, nonce, sealed in con.execute("select * from secrets")}
        con.execute("update secrets set nonce = ?, sealed = ? where nip = ?", (*held[NIP["kasi"]], NIP["kadis"]))
    con.close()
    assert f"{NIP['kadis']}: rahasia TOTP tertukar" in victim.wrong()
    with sqlite3.connect(victim.office.ledger) as con:
        con.execute("delete from secrets where nip = ?", (NIP["kadis"],))
        con.execute("insert into secrets values (?, ?, ?)", (OUTSIDER, *held[NIP["kasi"]]))
    con.close()
    assert "rahasia TOTP hilang" in victim.wrong()
    assert "tanpa pendaftaran" in victim.wrong()


def test_triggers_that_do_nothing(victim: Victim) -> None:
    """If this fails, the ledger can be opened for changes and look protected."""
    with sqlite3.connect(victim.office.ledger) as con:
        con.execute("drop trigger entries_no_update")
        con.execute("create trigger entries_no_update before update on entries begin select 1; end")
        con.execute("create trigger lain after insert on entries begin select 1; end")
    con.close()
    assert "pemicu entries_no_update" in victim.wrong()
    assert "trigger lain" in victim.wrong()


def test_a_second_file_that_was_taken_away_or_filled_with_noise(victim: Victim) -> None:
    """If this fails, deleting one file ends the protection without a word."""
    victim.office.anchors.write_bytes(b"bukan jangkar\n" + victim.office.anchors.read_bytes())
    assert "jangkar tidak terbaca" in victim.wrong()
    assert victim.audit().wrong
    victim.office.anchors.unlink()
    assert "jangkar hilang" in victim.wrong()
    assert "tanpa kepala.log" in victim.audit().text


def test_malformed_entries_crash_nobody(victim: Victim) -> None:
    """If this fails, one entry of nonsense keeps every auditor from reading the others."""
    for facts in ([], "x", 7, None, {}, {"round": []}, {"round": {}, "role": 1}):
        for kind in ("keputusan", "usulan.disusun", "data.ditulis", "mandat.diberikan", "orang.didaftarkan",
                     "pembatalan.diminta", "berkas.diterima", "usulan.gugur", "percobaan.ditolak"):  # fmt: skip
            _append(victim.office, kind, "x", facts, AGENDA)
    runs = [(AGENDA, "Completed"), ("x", "Failed")]
    assert victim.wrong()
    assert told(found(victim.office, runs=runs), Severity.WRONG)
    assert victim.audit().wrong
