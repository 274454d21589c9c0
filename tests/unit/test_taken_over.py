"""An earlier decision in a later batch: it does not outlive its undoing, nor approve itself, nor hide what is new."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from office_kit.auditor import audit, copied, found, told
from office_kit.casework import AKTA, answered_office, later
from office_kit.files import write_csv
from office_kit.forger import forge_anchors, rewrite
from office_kit.packs import book_of, check, members_of, packed, sealed_again, with_book, zipped
from office_kit.residents import again, resident
from office_kit.sheets import LATER, SOME_DAY, Decision
from office_kit.signers import NIP
from office_kit.small import ABROAD, SCENARIOS, Opened, resident_id, run_steps
from office_kit.successive import Years, row, years
from office_kit.written import written_office

from expectations.approvals import Separation
from expectations.memory import REMEMBERED
from flows import settings, steps
from flows.asking import VOIDED
from tasks.approvals.case import Case
from tasks.approvals.docket import docket, fully_approved
from tasks.approvals.people import Mandate, Person, grant, register
from tasks.errors import BasisUndoneError, DigestMismatchError
from tasks.evidence.findings import Severity
from tasks.ledger import Kind, entries, open_ledger
from tasks.propose import propose
from tasks.receive import receive
from tasks.store import open_store

DOCUMENT = SCENARIOS["document"][0]
UNFOUNDED: Decision = ("tidak terbukti", None, None, "12/2026")
INACTIVE: Decision = ("usul nonaktif", None, None, "12/2026")
WAIT: Decision = {"HASIL": "ditunda", "DASAR": "KTP-el", "TUNDA SAMPAI": LATER}
HERE, BESIDE = row(0), row(1)
SECOND_STAFF = "199604042021032903"


@pytest.fixture
def office_years(tmp_path: Path) -> Iterator[Years]:
    """A new office, store open."""
    with years(tmp_path / "kantor") as made:
        yield made


def proposed_again(made: Years, decided: Decision) -> None:
    """Decided by hand and written in the first batch; proposed again in the second, not yet signed."""
    made.batch((DOCUMENT,), {HERE: decided})
    batch = made.draft(DOCUMENT)
    batch.done["propose"] = propose(made.con, batch.agenda, 1)
    assert made.end(HERE)[2] == REMEMBERED


def marked(made: Years) -> Any:
    """The register's mark on the person."""
    query = "select usulan from penduduk where resident_id = ?"
    return made.con.execute(query, [resident_id(resident(19))]).fetchall()[0][0]


@pytest.mark.parametrize("decided", [UNFOUNDED, INACTIVE])
def test_what_was_undone_meanwhile_is_not_written(office_years: Years, decided: Decision) -> None:
    """If this fails, a person is reported inactive by a decision that officials have taken back."""
    made = office_years
    proposed_again(made, decided)
    made.batches[-1].sign()
    made.undo("2026-0001")
    before = made.con.execute("select count(*) from history").fetchall()
    with pytest.raises(BasisUndoneError, match="2026-0001"):
        made.write_signed()
    assert made.con.execute("select count(*) from history").fetchall() == before
    assert marked(made) is None
    propose(made.con, "2026-0002", 2, step="draft")  # the round that Staff gets instead
    assert made.end(HERE)[0::2] == ("ditunda", "ANM-NIK-09")


def test_what_was_undone_before_it_is_proposed_is_not_proposed(office_years: Years) -> None:
    """If this fails, approvers are shown a decision that does not hold any more."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: INACTIVE})
    made.draft(DOCUMENT)
    made.undo("2026-0001")
    done = propose(made.con, "2026-0002", 1)
    assert made.end(HERE)[0::2] == ("ditunda", "ANM-NIK-09")
    assert (done["rests_on"], done["repeats"]) == ([], 0)


@pytest.mark.parametrize("step", ["draft", "propose"])
def test_nobody_is_asked_about_an_undone_decision(
    office_years: Years, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, three people sign what can not be written, or Staff is not told why it starts anew."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: INACTIVE})
    batch = made.draft(DOCUMENT)
    if step == "propose":
        batch.done[step] = propose(made.con, batch.agenda, 1)
    case = Case("2026-0002", 1, batch.done[step]["digest"])
    batch.desk.case = (case.agenda, 1, case.digest)
    with open_ledger(made.office) as ledger:
        batch.desk.propose(ledger)
    monkeypatch.setenv("SINKRON_HOME", str(made.office.home))
    made.con.close()
    assert settings.office().home == made.office.home
    assert steps.is_unchanged(case)
    with open_store(made.office) as con:
        replace(made, con=con).undo("2026-0001")
    assert not steps.is_unchanged(case)
    with open_ledger(made.office) as ledger:
        closed = docket(ledger, "2026-0002").current
        assert closed.closed is not None
        assert "dibatalkan" in VOIDED[closed.closed.payload["why"]]
        assert closed.leads_to == "staff"


def test_who_decided_then_does_not_approve_now(office_years: Years) -> None:
    """If this fails, somebody approves as Kasi what the same person decided as Staff, two lists later."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: INACTIVE})
    made.batch((DOCUMENT,))
    batch = made.draft(DOCUMENT)
    final = batch.done["propose"] = propose(made.con, batch.agenda, 1)
    assert (final["rests_on"], final["repeats"]) == (["2026-0001"], 1)  # the second took it over: it decided nothing
    with open_ledger(made.office) as ledger:
        clock = made.desk.clock
        secret = register(ledger, made.office.key("totp"), (Person(SECOND_STAFF, "UJI DUA"), Mandate("staff")), clock)
        grant(ledger, NIP["staff"], Mandate("kasi", valid_from="2026-01-01"), clock)
    made.desk.case, made.desk.rests_on = (batch.agenda, 1, final["digest"]), final["rests_on"]
    code = pyotp.TOTP(secret).at(clock + timedelta(seconds=31))
    assert made.desk.say("staff", "Ajukan", nip=SECOND_STAFF, code=code).accepted
    refused = made.desk.say("kasi", "Ya", who="staff")
    assert not refused.accepted
    assert refused.reason == "menyusun keputusan agenda 2026-0001 yang dipakai lagi; minta Plh/Plt"
    made.desk.sign("kasi", "kabid", "kadis")
    assert made.write_signed()


def test_who_decided_two_lists_ago_is_known_although_staff_looked_at_it_since(office_years: Years) -> None:
    """If this fails, a note on a worksheet is enough for somebody to approve as Kasi what the same person decided."""
    made = office_years
    corrected = {"HASIL": "diperbaiki", "ELEMEN": "ALAMAT", "MENJADI": "JL A 1", "DASAR": "KTP-el"}
    made.batch((DOCUMENT,), {HERE: corrected})
    made.batch((DOCUMENT,), {HERE: {"CATATAN": "dilihat"}})
    batch = made.draft(DOCUMENT)
    assert made.end(HERE)[1].startswith("agenda 2026-0002")
    assert propose(made.con, batch.agenda, 1)["rests_on"] == ["2026-0001", "2026-0002"]


def test_every_reading_of_the_ledger_knows_who_decided_then(office_years: Years, tmp_path: Path) -> None:
    """If this fails, an auditor is told that four eyes saw what two saw."""
    made = office_years
    proposed_again(made, INACTIVE)
    made.write()
    opened = Opened(made.batches[-1], made.con)
    pack = members_of(packed(opened).content)
    assert check(zipped(tmp_path / "paket.zip", pack)).code == 0
    staffs = [line for line, _ in book_of(pack) if line[2] == Kind.DECISION and line[3] == "2026-0001"]
    assert NIP["staff"] in {line[4] for line in staffs}
    less = sealed_again(with_book(pack, [line for line in book_of(pack) if line[0] not in staffs]))
    assert "dasarnya tidak lengkap" in check(zipped(tmp_path / "kurang.zip", less)).text

    def by_staff(rows: list[list[Any]]) -> None:
        """The Kasi of the second batch was the Staff of the first; another one submitted the second."""
        for line in rows:
            if line[2] == Kind.DECISION and line[3] == "2026-0002" and line[5]["role"] in {"staff", "kasi"}:
                line[4] = NIP["staff"] if line[5]["role"] == "kasi" else NIP["kasi"]

    made.con.close()
    rewrite(made.office, by_staff)
    forge_anchors(made.office)
    alone, ours = audit(copied(made.office, tmp_path / "salinan")).text, told(found(made.office), Severity.WRONG)
    assert f"{NIP['staff']} penyusun, atau menyetujui dua jenjang" in alone
    assert "penyusun keputusan yang dipakai lagi" in ours
    with open_ledger(made.office) as ledger:
        case = Case("2026-0002", 1, made.batches[-1].digest)
        assert NIP["staff"] in docket(ledger, "2026-0002").preparers
        assert not fully_approved(ledger, case, Separation.STRICT)


def test_what_is_taken_over_is_named_before_it_is_signed(office_years: Years) -> None:
    """If this fails, a proposal hides whose decisions it repeats, and separation of duties judges nothing."""
    made = office_years
    proposed_again(made, INACTIVE)
    batch = made.batches[-1]
    batch.desk.case, batch.desk.rests_on = (batch.agenda, 1, batch.digest), []
    batch.desk.sign()
    with pytest.raises(DigestMismatchError, match="tidak disebut"):
        made.write_signed()


def test_staff_submits_what_is_only_repeated(office_years: Years) -> None:
    """If this fails, a NIK is proposed inactive again and again while nobody of today answers for it."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: UNFOUNDED})
    assert made.draft(DOCUMENT).done["draft"]["repeats"] == 0  # closed as unfounded: nothing is done to anybody
    made.work({HERE: INACTIVE})
    made.write()
    done = made.draft(DOCUMENT).done["draft"]
    assert (done["repeats"], done["needs_person"]) == (1, 0)


NEWS = {
    "abroad": again(DOCUMENT, **ABROAD),
    "another family": again(DOCUMENT, NO_KK="3576021406129990"),
    "another person": again(resident(70), NIK=DOCUMENT["NIK"]),
}


@pytest.mark.parametrize("news", NEWS)
def test_another_row_of_the_person_is_news(office_years: Years, news: str) -> None:
    """If this fails, a decision of before overrules that the centre now holds this person elsewhere, or two people."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: UNFOUNDED})
    made.draft(DOCUMENT, NEWS[news])
    outcome, _, cause, needs_person = made.end(HERE)
    assert (outcome == "tidak terbukti", cause == REMEMBERED, needs_person) == (False, False, True)
    opened = made.reopened(HERE)
    assert opened is not None
    assert {"USULAN", "CATATAN"} & {*opened[2]}
    came = {"HASIL": "tidak terbukti", "KEJADIAN": "warga datang", "DASAR": "surat keterangan lain", "NOMOR": "13/2026"}
    made.work({HERE: came | {"TANGGAL": SOME_DAY}})  # Staff has seen it: from now on it is known
    made.write()
    made.draft(NEWS[news], DOCUMENT)
    assert made.end(BESIDE)[0::2] == ("tidak terbukti", REMEMBERED)
    made.draft(DOCUMENT)
    assert made.end(HERE)[0::2] == ("tidak terbukti", REMEMBERED)  # as the first batch had it


def test_an_answer_rests_on_what_was_found_about_its_case(tmp_path: Path) -> None:
    """If this fails, Staff answers a case, and the next list asks about the same row again."""
    families = (DOCUMENT, again(DOCUMENT, NO_KK="3576021406129990"))
    first = written_office(tmp_path / "awal", (*families, resident(31)))
    answer = {"JAWABAN": "dokumen diterima", "HASIL": "tidak terbukti", **AKTA}
    batch = answered_office(later(first, tmp_path / "kantor"), {"2026-0001 1/2": answer})
    path = write_csv(batch.office.inbox / "ganda-lagi.csv", (*families, resident(32)))
    receipt = receive(batch.office, [path], None, (batch.desk.clock, "inbox"))
    with open_store(batch.office) as con:
        run_steps(con, batch.office, receipt)
        query = "select outcome, cause from outcomes where agenda = ? and row_id = ?"
        assert con.execute(query, [receipt.agenda, HERE]).fetchall() == [("tidak terbukti", REMEMBERED)]


def test_who_became_a_resident_is_known_again(office_years: Years) -> None:
    """If this fails, what was decided about a newcomer is lost the day the register takes the person in."""
    made, newcomer = office_years, resident(60, TGL_LHR="1990-02-14")
    made.batch((newcomer,), {HERE: WAIT})
    told = {name.lower(): value for name, value in resident(60).items() if value is not None}
    marks = ", ?" * len(told)
    made.con.execute(f"insert into penduduk (resident_id, {', '.join(told)}) values (9999{marks})", [*told.values()])
    made.draft(newcomer)
    found = made.con.execute("select subject from subjects where agenda = '2026-0002' and row_id = ?", [HERE])
    assert found.fetchall() == [("P9999",)]
    opened = made.reopened(HERE)
    assert opened is not None
    assert (opened[0], opened[1], "PENDUDUK" in opened[2]) == ("2026-0001", "ditunda", True)


def test_a_proposal_names_its_batches_in_the_ledger(office_years: Years) -> None:
    """If this fails, the Buku Agenda does not tell whose decisions were repeated."""
    made = office_years
    proposed_again(made, INACTIVE)
    made.batches[-1].sign()
    with open_ledger(made.office) as ledger:
        named = [entry.payload["rests_on"] for entry in entries(ledger, "2026-0002", Kind.PROPOSED)]
    assert named[-1] == ["2026-0001"]
