"""The five lists: what the centre gets back is every row it sent, once, under its own column names."""

import json
from collections import Counter
from pathlib import Path

import pytest
from office_kit.files import write_letter
from office_kit.residents import COLUMNS, resident
from office_kit.signers import NOW
from office_kit.small import ABROAD, RESIDENTS, ROWS, Batch, Opened, copy_of, found_office, row_ids, run_steps
from office_kit.small import resident_id as id_of
from office_kit.writing import write
from office_kit.written import Papers, cells_of, csv_of, list_of, papers, rows_of, write_batch, written_office

from expectations.columns import canonical_name
from expectations.outcomes import Outcome
from tasks.errors import Exit, UserError
from tasks.ledger import open_ledger
from tasks.lists import lists_and_letters
from tasks.load import ROWS_PER_FILE
from tasks.store import open_store

OURS = {
    "SUMBER_BERKAS", "SUMBER_BARIS", "TEMUAN", "DASAR", "NIK_USUL_NONAKTIF", "NIK_DIPERTAHANKAN", "KODE_DAERAH",
    "NAMA_DAERAH", "JAWABAN_DAERAH", "DITUNDA_SAMPAI", "ELEMEN_1", "SEMULA_1", "MENJADI_1", "DASAR_1", "DATA_KANTOR_1",
}  # fmt: skip


def test_every_row_is_in_exactly_one_list(sent_batch: Batch, lists: Papers) -> None:
    """If this fails, the centre hears nothing about a person it asked about, or two things."""
    listed = {outcome: rows_of(list_of(lists, outcome)) for outcome in Outcome}
    counts = Counter(row for rows in listed.values() for row in rows)
    assert counts == Counter({ROWS_PER_FILE + line: 1 for line in range(2, len(ROWS) + 2)})
    with open_store(sent_batch.office) as con:
        ended = con.execute("select outcome, list(row_id order by row_id) from outcomes group by 1").fetchall()
    assert {outcome.value: rows for outcome, rows in listed.items()} == dict(ended)


def test_the_centres_columns_come_first_as_it_spells_them(lists: Papers) -> None:
    """If this fails, the centre's machine does not find its columns again."""
    for outcome in Outcome:
        frame = list_of(lists, outcome)
        assert tuple(frame.columns[: len(COLUMNS)]) == COLUMNS
        assert set(frame.columns[len(COLUMNS) :]) <= OURS | {f"{name[:-1]}2" for name in OURS if name.endswith("_1")}


def test_the_centres_values_come_back_as_they_came(lists: Papers) -> None:
    """If this fails, our reading of a value (a date, a code) passes for the centre's own."""
    sent = {ROWS_PER_FILE + at: row for at, row in enumerate(ROWS, start=2)}
    for outcome in Outcome:
        frame = list_of(lists, outcome)
        for row_id, line in zip(rows_of(frame), frame.rows(named=True), strict=True):
            assert {name: line[name] for name in COLUMNS} == {name: sent[row_id][name] or "" for name in COLUMNS}


@pytest.mark.parametrize("name", sorted(OURS | {"ALASAN", "ISI", "REFERENSI"}))
def test_our_columns_are_never_taken_for_the_centres(name: str) -> None:
    """If this fails, a list that comes back as an extract is read with our words as residents' data."""
    assert canonical_name(name) is None


def test_a_correction_tells_semula_menjadi_dasar(lists: Papers) -> None:
    """If this fails, nobody at the centre can see what was changed, or on what ground (F-1.06)."""
    frame = list_of(lists, Outcome.CORRECTED)
    by_row = dict(zip(rows_of(frame), frame.rows(named=True), strict=True))
    spelling = by_row[row_ids("spelling")[0]]
    assert spelling["ELEMEN_1"] == "NAMA_LGKP"
    assert spelling["SEMULA_1"] == spelling["NAMA_LGKP"] != spelling["MENJADI_1"] == resident(2)["NAMA_LGKP"]
    assert spelling["DATA_KANTOR_1"] == "data kantor sudah benar"
    assert (spelling["ELEMEN_2"], spelling["MENJADI_2"]) == ("", "")
    parents = by_row[row_ids("parents")[0]]
    assert {parents["ELEMEN_1"], parents["ELEMEN_2"]} == {"NIK_AYAH", "NIK_IBU"}
    assert parents["DATA_KANTOR_1"] == "diperbaiki pada data kantor"
    assert all(by_row[row]["DASAR_1"] for row in by_row)


def test_the_right_nik_is_proposed_inactive(lists: Papers) -> None:
    """If this fails, the Ditjen switches off the NIK that should stay: the worst that can happen to a person."""
    frame = list_of(lists, Outcome.DEACTIVATION)
    by_row = dict(zip(rows_of(frame), frame.rows(named=True), strict=True))
    loser, winner = by_row[row_ids("loser")[0]], by_row[row_ids("winner")[0]]
    assert (loser["NIK_USUL_NONAKTIF"], loser["NIK_DIPERTAHANKAN"]) == (loser["NIK"], resident(7)["NIK"])
    other = RESIDENTS[id_of(resident(9))]["NIK"]  # the record after it in the register
    assert (winner["NIK_USUL_NONAKTIF"], winner["NIK_DIPERTAHANKAN"]) == (other, winner["NIK"])


def test_the_workbook_says_what_the_machine_reads(tmp_path: Path, lists: Papers) -> None:
    """If this fails, people and machines at the centre work on different lists."""
    for name in [name for name in lists if name.endswith(".csv")]:
        frame = csv_of(lists[name])
        (lines,) = cells_of(tmp_path / "daftar.xlsx", lists[name.replace(".csv", ".xlsx")]).values()
        assert lines == [frame.columns, *(list(row) for row in frame.rows())]


def test_made_again_they_are_the_same_bytes(sent_batch: Batch, lists: Papers) -> None:
    """If this fails, the hashes in the letter name lists that can not be made again."""
    assert {name: document.content for name, document in papers(sent_batch).items()} == {
        name: document.content for name, document in lists.items()
    }


def test_lists_are_kept_from_the_masked_papers(lists: Papers) -> None:
    """If this fails, a list with NIKs lies in the folder that the Prefect UI links to."""
    assert {document.masked for name, document in lists.items() if not name.endswith(".pdf")} == {False}
    assert {document.masked for name, document in lists.items() if name.endswith(".pdf")} == {True}


def test_a_batch_that_is_not_written_has_no_lists(batch: Batch) -> None:
    """If this fails, the centre gets lists of something nobody approved."""
    with open_store(batch.office) as con, open_ledger(batch.office) as ledger:
        with pytest.raises(UserError, match="belum ditulis") as told:
            lists_and_letters(con, ledger, batch.office, batch.agenda)
        assert told.value.exit_code is Exit.USAGE


def test_lost_originals_are_told(sent_batch: Batch, tmp_path: Path) -> None:
    """If this fails, lists are made of something else than what the centre sent."""
    other = copy_of(sent_batch, tmp_path / "kantor")
    next((other.office.archive / other.agenda).glob("01.*")).unlink()
    with open_store(other.office) as con, open_ledger(other.office) as ledger, pytest.raises(UserError, match="arsip"):
        lists_and_letters(con, ledger, other.office, other.agenda)


def test_lists_that_nothing_goes_into_are_there_and_empty(tmp_path: Path) -> None:
    """If this fails, an empty list looks like a forgotten one."""
    out = papers(written_office(tmp_path / "kantor", (resident(0),)))
    assert csv_of(out["1-perbaikan.csv"]).height == 0
    assert csv_of(out["4-tidak-terbukti.csv"]).height == 1
    (lines,) = cells_of(tmp_path / "nihil.xlsx", out["1-perbaikan.xlsx"]).values()
    assert lines[1][0] == "NIHIL"
    assert not [name for name in out if name.startswith(("surat-luar-kota", "3-rujuk-luar-kota-", "6-"))]


def test_files_of_other_headers_keep_their_own(tmp_path: Path) -> None:
    """If this fails, the second file's rows come back under the first file's column names."""
    office, desk = found_office(tmp_path / "kantor")
    named = {
        "NIK": "NIK",
        "NO_KK": "Nomor KK",
        "NAMA_LGKP": "Nama Lengkap",
        "JENIS_KLMIN": "JK",
        "TGL_LHR": "Tgl Lahir",
    }
    first, second = office.inbox / "a.csv", office.inbox / "b.csv"
    from office_kit.files import write as write_file
    from office_kit.files import write_csv

    write_csv(first, (resident(0), resident(1, **ABROAD)))
    row = resident(2)
    lines = [";".join(named.values()), ";".join(str(row[name]) for name in named), ""]
    write_file(second, "\n".join(lines).replace("Tgl Lahir", "Tanggal Lahir"))
    from tasks.propose import propose
    from tasks.receive import receive

    letter = write_letter(office.inbox / "s.json", {"a.csv": {"jumlah": 2}, "b.csv": {"jumlah": 1}})
    receipt = receive(office, [first, second], letter, (NOW, "inbox"))
    with open_store(office) as con:
        steps = run_steps(con, office, receipt) | {"propose": propose(con, receipt.agenda, 1)}
    out = papers(write_batch(Batch(office, desk, receipt, steps)))
    ours = [name for name in out if name.endswith("-berkas-2.csv")]
    frame = csv_of(out[ours[0]])
    assert frame.columns[:5] == ["NIK", "Nomor KK", "Nama Lengkap", "JK", "Tanggal Lahir"]
    assert frame["SUMBER_BERKAS"].to_list() == ["b.csv"]
    assert csv_of(out["3-rujuk-luar-kota-berkas-1.csv"]).columns[: len(COLUMNS)] == list(COLUMNS)
    assert sum(csv_of(out[name]).height for name in out if "-berkas-" in name) == 3


def test_a_later_round_is_what_goes_out(small: Batch, tmp_path: Path) -> None:
    """If this fails, the centre hears of a proposal that was sent back, or not until when a row waits."""
    from tasks.propose import propose

    batch = copy_of(small, tmp_path / "kantor")
    (row_id,) = row_ids("clean")
    with open_store(batch.office) as con:
        con.execute(
            "insert into decisions by name select ? as agenda, ?::bigint as row_id, 2 as round, 'ditunda' as outcome, "
            "'menunggu akta' as basis, date '2026-12-01' as until",
            [batch.agenda, row_id],
        )
        signed = propose(con, batch.agenda, 2)["digest"]
        batch.desk.case = (batch.agenda, 2, signed)
        batch.desk.sign()
        write(Opened(batch, con), 2, signed)
    frame = list_of(papers(batch), Outcome.POSTPONED)
    told = dict(zip(rows_of(frame), frame["DITUNDA_SAMPAI"], strict=True))
    assert told.pop(row_id) == "2026-12-01"
    assert set(told.values()) == {""}


def test_the_ledger_hears_of_no_resident(sent_batch: Batch) -> None:
    """If this fails, making the lists writes personal data where it can never be erased."""
    before = sent_batch.office.ledger.read_bytes()
    with open_store(sent_batch.office) as con, open_ledger(sent_batch.office) as ledger:
        lists_and_letters(con, ledger, sent_batch.office, sent_batch.agenda)
    assert sent_batch.office.ledger.read_bytes() == before
    assert json.dumps(str(resident(0)["NIK"])).strip('"').encode() not in before
