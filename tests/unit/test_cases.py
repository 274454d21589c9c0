"""Cases that outlive their batch: rows of the city never wait, and answers of a later batch close what they answer."""

from argparse import Namespace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from office_kit.cases import MOVED, OF_OURS, POSSIBLE, WRONG, cases
from office_kit.casework import (
    BIOMETRIC,
    DAY,
    DOCUMENT,
    FAMILIES,
    FAR,
    HERE,
    OURS,
    PARTNER,
    answered_office,
    later,
)
from office_kit.pdf_text import text_of
from office_kit.sheets import LATER
from office_kit.small import Batch, Opened, resident_id
from office_kit.writing import take_back
from office_kit.written import csv_of, papers

from expectations.cases import ANSWERED
from flows.commands.cases import cases_command, told
from tasks.cases.content import listed
from tasks.errors import Exit
from tasks.store import open_store


def register(con: duckdb.DuckDBPyConnection) -> dict[int, tuple[object, ...]]:
    """Every resident of the register, by id."""
    return {int(row[0]): row[1:] for row in con.execute("select * from penduduk").fetchall()}


def test_a_batch_ends_while_its_cases_wait(waiting_cases: Batch) -> None:
    """If this fails, rows of the city wait for another regency's answer, or a case is lost when its batch ends."""
    with open_store(waiting_cases.office) as con:
        assert con.execute("select agenda from applied").fetchall() == [("2026-0001",)]
        written = con.execute("select count(*) from history where agenda = '2026-0001' and written").fetchall()
        assert written[0][0] > 0
        assert cases(con) == {
            FAR: ("luar kota", "3515", None), MOVED: ("luar kota", "3515", None), OURS: ("luar kota", "3515", None),
            PARTNER: ("luar kota", "3515", None), WRONG: ("luar kota", "3515", None),
            BIOMETRIC: ("biometrik", "", None), POSSIBLE: ("biometrik", "", None),
            FAMILIES: ("pemohon", "", None), DOCUMENT: ("pemohon", "", None),
        }  # fmt: skip
        days = con.execute("select distinct kind, opened_on, due_on, centre_due_on from cases order by all").fetchall()
    sixty = date(2026, 12, 5)  # received 6 October
    letter = date(2026, 11, 21)  # as our letter to the other region says
    opened = date(2026, 10, 6)
    assert days == [("biometrik", opened, sixty, sixty), ("luar kota", opened, letter, sixty),
                    ("pemohon", opened, date(2026, 10, 20), sixty)]  # fmt: skip


def test_the_list_tells_clocks_and_nobody(waiting_cases: Batch) -> None:
    """If this fails, an overdue case is not seen, the paused clock is not told, or a NIK stands on a terminal."""
    with open_store(waiting_cases.office) as con:
        lines = told(listed(con), date(2026, 11, 1))
        chosen = told(listed(con, "luar kota", "3515"), date(2026, 12, 6))
        none = listed(con, "", "3524")
        assert told(none, DAY) == ["Tidak ada kasus yang menunggu."]
        assert told(none, DAY, listed(con).height) == [
            "Tidak ada kasus yang menunggu untuk saringan ini; 9 kasus lain menunggu."]  # fmt: skip
        secrets = [value for row in con.execute("select nik, nama_lgkp from extract_rows").fetchall() for value in row]
    assert lines[-1] == "9 kasus menunggu, 2 lewat tenggat."
    assert [line[:14].strip() for line in lines if "LEWAT TENGGAT" in line] == [FAMILIES, DOCUMENT]
    assert len(chosen) == 1 + 5 + 1
    assert all("lewat 1 hari" in line and "jam SOP berhenti sejak 2026-10-06" in line for line in chosen[1:-1])
    assert not [value for value in secrets if value in "\n".join(lines)]


def test_answers_close_their_cases(answered_cases: Batch) -> None:
    """If this fails, an answered case stays open, a waiting one is closed, or (c) does not wait for the biometrics."""
    with open_store(answered_cases.office) as con:
        found = cases(con)
        until = con.execute("select due_on from cases where case_no = ?", [FAMILIES]).fetchall()
    assert {number: closed for number, (_, _, closed) in found.items() if closed} == dict.fromkeys(
        (FAR, MOVED, OURS, WRONG, DOCUMENT), "2026-0002"
    )
    (new,) = found.keys() - {FAR, MOVED, OURS, PARTNER, WRONG, BIOMETRIC, POSSIBLE, FAMILIES, DOCUMENT}
    assert new.startswith("2026-0002 1/")
    assert found[new] == ("biometrik", "", None)
    assert found[FAMILIES] == ("pemohon", "", None)
    assert found[PARTNER] == ("luar kota", "3515", None)  # stays here: its SKPWNI is still to come
    assert str(until[0][0]) == LATER


def test_each_answer_leads_where_the_handbook_says(answered_cases: Batch) -> None:
    """If this fails, a region's answer ends in another outcome than the handbook's, or counts as nobody's word."""
    with open_store(answered_cases.office) as con:
        rows = con.execute(
            """select c.case_agenda || ' 1/' || c.case_row % 10000000, o.outcome, o.resident_id, o.cause,
              o.needs_person, contains(o.basis, 'kasus ' || c.case_agenda || ' 1/' || c.case_row % 10000000)
            from outcomes o join case_answers c using (agenda, row_id) where o.agenda = '2026-0002'"""
        ).fetchall()
    assert all(row[3:] == (ANSWERED, True, True) for row in rows)
    assert {row[0]: row[1:3] for row in rows} == {
        FAR: ("rujuk luar kota", None), MOVED: ("usul nonaktif", resident_id(OF_OURS)),
        OURS: ("tidak terbukti", 13), PARTNER: ("ditunda", None), WRONG: ("ditunda", None),
        DOCUMENT: ("diperbaiki", 18), FAMILIES: ("ditunda", 16),
    }  # fmt: skip


def test_only_our_own_records_are_written(waiting_cases: Batch, answered_cases: Batch) -> None:
    """If this fails, an answer wrote what nobody decided, or another region's row was written."""
    with open_store(waiting_cases.office) as con:
        before = register(con)
        columns = [name for name, *_ in con.execute("describe penduduk").fetchall()][1:]
    with open_store(answered_cases.office) as con:
        after = register(con)
        outside = con.execute("select count(*) from penduduk where no_prop || no_kab <> '3576'").fetchall()
    changed = {
        (key, columns[at]): value
        for key in before.keys() | after.keys()
        for at, value in enumerate(after[key]) if value != before[key][at]
    }  # fmt: skip
    assert changed == {(18, "tgl_lhr"): date(1963, 11, 12), (resident_id(OF_OURS), "usulan"): "NONAKTIF"}
    assert outside == [(0,)]


def test_lists_and_reply_of_the_answers_add_up(answered_cases: Batch) -> None:
    """If this fails, the centre gets a reply whose totals are not the rows it lists, or a region is asked again."""
    found = papers(answered_cases)
    lists = {name: csv_of(found[name]) for name in found if name.endswith(".csv")}
    assert {name[2:-4]: frame.height for name, frame in lists.items()} == {
        "perbaikan": 1, "usul-nonaktif": 1, "rujuk-luar-kota": 1, "tidak-terbukti": 1, "ditunda": 3,
    }  # fmt: skip
    assert lists["3-rujuk-luar-kota.csv"]["JAWABAN_DAERAH"][0].startswith("jawaban daerah: warga sana, surat nomor")
    assert not [name for name in found if name.startswith("surat-luar-kota")]
    reply = text_of(found["surat-balasan-2026-0002.pdf"].content)
    assert "7 (tujuh) baris data yang kami terima" in reply
    assert "1 (satu) baris telah dijawab daerahnya" in reply


def test_undoing_the_answers_opens_the_cases_again(answered_cases: Batch, tmp_path: Path) -> None:
    """If this fails, a mistaken answer can be taken back, but nobody asks for the matter any more."""
    batch = later(answered_cases, tmp_path / "kantor")
    with open_store(batch.office) as con:
        take_back(Opened(batch, con), "2026-0002")
        found = cases(con)
        assert con.execute("select count(*) from penduduk where usulan is not null and resident_id = ?",
                           [resident_id(OF_OURS)]).fetchall() == [(0,)]  # fmt: skip
    assert {number: closed for number, (_, _, closed) in found.items()} == dict.fromkeys(
        (FAR, MOVED, OURS, PARTNER, WRONG, BIOMETRIC, POSSIBLE, FAMILIES, DOCUMENT)
    )


def test_a_region_that_keeps_an_unknown_resident_waits_for_the_skpwni(waiting_cases: Batch, tmp_path: Path) -> None:
    """If this fails, a person who stays here is closed as unfounded before the office holds any record of them."""
    batch = answered_office(later(waiting_cases, tmp_path / "kantor"), {FAR: HERE})
    with open_store(batch.office) as con:
        outcome = con.execute("select outcome from outcomes where agenda = '2026-0002'").fetchall()
        assert outcome == [("ditunda",)]
        assert cases(con)[FAR] == ("luar kota", "3515", None)
    arrived = {"JAWABAN": "dokumen diterima", "HASIL": "tidak terbukti", "DASAR": "surat keterangan pindah (SKPWNI)",
               "NOMOR": "SKPWNI/3515/1", "TANGGAL": "2026-01-05"}  # fmt: skip
    with open_store(answered_office(batch, {FAR: arrived}).office) as con:
        assert cases(con)[FAR] == ("luar kota", "3515", "2026-0003")


@pytest.mark.parametrize("workbook", [False, True])
def test_a_choice_that_finds_none_says_so(
    waiting_cases: Batch, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, workbook: bool
) -> None:
    """If this fails, an empty choice reads as if no case of the office waited at all."""
    monkeypatch.setenv("SINKRON_HOME", str(waiting_cases.office.home))
    assert cases_command(Namespace(jenis="biometrik", daerah="3515", lembar=workbook)) == Exit.OK
    assert capsys.readouterr().out == "Tidak ada kasus yang menunggu untuk saringan ini; 9 kasus lain menunggu.\n"
    assert not list(waiting_cases.office.desk.glob("lembar-kasus-*"))
