"""The lembar verifikasi: the numbers of the proposal and of the page, nobody unmasked, the same bytes for ever."""

import re
from datetime import timedelta

import pytest
from office_kit.files import write_csv, write_letter
from office_kit.pdf_text import letters_of, pages_of, text_of
from office_kit.residents import resident
from office_kit.sheets import work_round
from office_kit.sheets_and_minutes import MARK, lay, sheet, shows_somebody
from office_kit.signers import NIP, NOW
from office_kit.small import ROWS, Batch, Opened, run_steps
from office_kit.writing import ask_undo, write
from openpyxl import load_workbook

from expectations.outcomes import BY_STAFF, Outcome
from tasks.agenda_book import disposition
from tasks.approvals.case import Case, file_code
from tasks.approvals.docket import FINAL, docket, record_proposal
from tasks.documents.facts_people import decided
from tasks.documents.issue import issue
from tasks.errors import DigestMismatchError, Exit, UserError
from tasks.ledger import open_ledger
from tasks.privacy import STAFF_BASIS, mask_basis, mask_nik
from tasks.propose import propose
from tasks.receive import receive
from tasks.store import open_store
from tasks.summary import one_page
from tasks.worksheet import write_worksheet


@pytest.fixture
def laid(opened: Opened) -> Opened:
    """The small batch, handed in by Staff and waiting for Kasi."""
    lay(opened.batch)
    return opened


def markdown_rows(laid: Opened, round_no: int = 1) -> dict[str, list[str]]:
    """First cell -> other cells of every table line of the Prefect page."""
    with open_ledger(laid.batch.office) as ledger:
        page = one_page(laid.con, ledger, (laid.batch.agenda, round_no), (laid.batch.desk.clock, True))
    lines = [
        [cell.strip(" *`") for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"
    ]
    return {line[0]: line[1:] for line in lines}


def test_the_counts_add_up_to_the_received_rows(laid: Opened) -> None:
    """If this fails, officials initial a sheet on which received rows are missing or counted twice."""
    text = text_of(sheet(laid).content)
    done = laid.batch.done["propose"]
    sums = [int(n) for n in re.search(r"Jumlah baris ((?:\d+ ?){5})", text)[1].split()]
    assert sums == [done["outcomes"].get(outcome.value, 0) for outcome in Outcome]
    received, loaded, rejected = map(
        int, re.search(r"Diterima (\d+) baris = (\d+) baris .* \+ (\d+) baris", text).groups()
    )
    assert (received, sum(sums)) == (len(ROWS), loaded)
    assert received == loaded + rejected


def test_page_and_paper_tell_the_same_numbers(laid: Opened) -> None:
    """If this fails, an approver reads one number on the screen and initials another on paper."""
    text, rows = text_of(sheet(laid).content), markdown_rows(laid)
    tables = {name: cells for name, cells in rows.items() if cells and all(re.fullmatch(r"\d+", c) for c in cells)}
    compared = [name for name, cells in tables.items() if len(cells) in {2, 5}]
    assert len(compared) > 8
    for name in compared:
        assert f"{name} {' '.join(tables[name])}" in text, name


def test_the_sheet_names_what_identifies_the_proposal(laid: Opened) -> None:
    """If this fails, the code retyped at the gate, or the letter and file it is about, are not on the paper."""
    text = text_of(sheet(laid).content).replace(" ", "")
    facts = laid.batch.receipt.files[0]
    wanted = (file_code(laid.batch.digest), laid.batch.digest, facts["sha256"][:32], facts["sha256"][32:],
              f"{laid.batch.agenda}, ronde 1", "400.8.1/0000/UJI tanggal 5 Oktober 2026", "Batas balasan",
              "5 Desember 2026 (60 hari), sisa 60 hari", "menunggu akta", "3 jam 13 menit (7 jam 30 menit)",
              NIP["staff"], "Kasi (paraf)", "Kabid (paraf)", "Kadis (tanda tangan)")  # fmt: skip
    for words in wanted:
        assert words.replace(" ", "") in text, words
    assert "DEMO" not in text


def test_no_two_codes_can_be_taken_for_each_other(laid: Opened) -> None:
    """If this fails, Kasi types the ledger's head or Staff's code, is refused, and does not know why."""
    draft = Case(laid.batch.agenda, 1, laid.batch.done["draft"]["digest"])
    with open_ledger(laid.batch.office) as ledger:
        entry = docket(ledger, laid.batch.agenda).rounds[1].proposed[FINAL]
        page = one_page(laid.con, ledger, (laid.batch.agenda, 1), (laid.batch.desk.clock, True))
    text, code = text_of(sheet(laid).content), file_code(laid.batch.digest)
    assert f"KODE BERKAS {code} Kasi, Kabid, Kadis ketik pada formulir" in text
    assert f"bukan kode berkas: kepala Buku Agenda elektronik saat diajukan {entry.seq}:{file_code(entry.hash)}" in text
    codes = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", text)
    assert set(codes) - {laid.batch.agenda} == {code, file_code(entry.hash)}
    assert "Untuk Kasi, Kabid, Kadis: ketik kode ini" in page
    book = load_workbook(write_worksheet(laid.con, laid.batch.office, laid.batch.agenda, 1))
    first = [cell.value for cell in book["Petunjuk"][2]]
    assert first[:2] == ["KODE BERKAS STAFF", draft.code]
    assert "pejabat mengetik kode lain" in first[3]


def test_what_is_copied_from_a_paper_is_what_was_meant(batch: Batch) -> None:
    """If this fails, a long name copied from the sheet bears letters that nobody sees, and no search finds it."""
    name = f"{'ANOMALI' * 8}.csv"
    receipt = receive(batch.office, [write_csv(batch.office.inbox / name, [resident(70)])], None, (NOW, "inbox"))
    with open_ledger(batch.office) as ledger:
        content = disposition(ledger, batch.office, receipt.agenda).content
    assert "\u200b" not in letters_of(content)
    assert name in text_of(content).replace(" ", "")


def test_the_sheet_is_one_page_of_pdf_a(laid: Opened) -> None:
    """If this fails, the sheet grew over its page, or an archive can not keep it."""
    content = sheet(laid).content
    assert len(pages_of(content)) == 1
    assert content.startswith(b"%PDF-1.7")
    assert MARK in content


def test_nobody_is_on_the_sheet_unmasked(laid: Opened) -> None:
    """If this fails, a NIK or name of a resident lies on the approvers' desks and in the Prefect UI's links."""
    paper = sheet(laid)
    assert paper.masked
    assert not shows_somebody(paper)
    going = laid.con.execute("select nik from changes join penduduk using (resident_id) where element = 'usulan' "
                             "and round = 1").fetchall()  # fmt: skip
    assert going
    assert all(mask_nik(nik) in text_of(paper.content) for (nik,) in going)


def test_the_sheet_stays_the_same_after_it_was_signed(laid: Opened) -> None:
    """If this fails, a lost sheet can not be made again: later signatures or writes change its bytes."""
    before = sheet(laid)
    laid.batch.desk.sign("kasi", "kabid", "kadis")
    write(laid)
    assert sheet(laid) == before


def test_a_refused_round_is_on_the_next_sheet(laid: Opened) -> None:
    """If this fails, Kasi does not see on paper why the round before was refused, or a sheet says what it was not."""
    batch = laid.batch
    batch.desk.sign("kasi")
    batch.desk.say("kabid", "Tidak", note="periksa lagi\n# DISETUJUI OLEH KADIS")
    first = sheet(laid)
    done = work_round(laid.con, batch.office, (batch.agenda, 2), {})
    lay(batch, 2, done["digest"])
    text = text_of(sheet(laid, round_no=2).content)
    assert "periksa lagi # DISETUJUI OLEH KADIS" in text
    assert text.count("gugur") == 3
    assert "Tidak" not in text_of(first.content).replace("Tidak ditulis", "")


def test_a_paper_put_out_changes_nobody_s_turn(laid: Opened) -> None:
    """If this fails, Kasi's time begins anew with every list or lost sheet that is put out."""
    batch = laid.batch
    with open_ledger(batch.office) as ledger:
        before = docket(ledger, batch.agenda).since
        issue(batch.office, ledger, (batch.agenda, batch.desk.clock + timedelta(hours=2)), sheet(laid))
        assert docket(ledger, batch.agenda).since == before
    batch.desk.clock += timedelta(hours=3)
    batch.desk.sign("kasi")
    with open_ledger(batch.office) as ledger:
        assert [one.minutes for one in decided(ledger, batch.agenda)] == [193, 180]


def test_answers_about_pairs_are_told(opened: Opened) -> None:
    """If this fails, the chain signs answers about pairs (they are in the digest) that no page or sheet shows."""
    batch = opened.batch
    opened.con.execute(
        "insert into pair_answers select agenda, 1, left_id, right_id, 'kembar', null from pairs limit 1"
    )
    done = work_round(opened.con, batch.office, (batch.agenda, 2), {})
    lay(batch, 2, done["digest"])
    assert "orang sama / kembar / bukan / tidak tahu 0 / 1 / 0 / 0" in text_of(sheet(opened, round_no=2).content)
    with open_ledger(batch.office) as ledger:
        page = one_page(opened.con, ledger, (batch.agenda, 2), (batch.desk.clock, True))
    assert "orang sama **0**, kembar **1**, bukan **0**, tidak tahu **0**" in page


@pytest.mark.parametrize(
    "basis, told",
    [
        ("kutipan akta kelahiran nomor 357601-LT-9001, 02-03-2020; warga datang",
         "kutipan akta kelahiran, warga datang (lembar kerja Staff)"),
        ("akta milik SITI, 3576010101909001", STAFF_BASIS), ("", STAFF_BASIS),
    ],
)  # fmt: skip
def test_of_staff_s_basis_only_the_office_s_words_are_shown(basis: str, told: str) -> None:
    """If this fails, a number or name that Staff typed as DASAR is printed on masked papers."""
    assert mask_basis(basis, BY_STAFF) == told


def test_no_sheet_before_there_is_a_proposal(opened: Opened) -> None:
    """If this fails, a sheet can be printed and initialed that nobody handed in."""
    with pytest.raises(UserError, match="belum ada usulan") as caught:
        sheet(opened)
    assert caught.value.exit_code == Exit.USAGE


def test_no_sheet_of_rows_that_were_changed_since(laid: Opened) -> None:
    """If this fails, a sheet with a code that is right shows changes that are not what is signed."""
    laid.con.execute("update changes set after = 'X' where round = 1 and element = 'nama_lgkp'")
    with pytest.raises(DigestMismatchError):
        sheet(laid)


def test_the_sheet_of_an_undo(laid: Opened) -> None:
    """If this fails, the chain is asked to take a batch back without seeing which, why and what."""
    laid.batch.desk.sign("kasi", "kabid", "kadis")
    written = write(laid)[0]["written"]
    case = ask_undo(laid, laid.batch.agenda, "akta milik\norang lain")
    text = text_of(sheet(laid, case.agenda).content)
    assert "Pembatalan Sinkronisasi Data" in text
    assert f"agenda {laid.batch.agenda} " in text
    assert "akta milik orang lain" in text
    assert f"Jumlah {written} " in text
    assert text.count(f"pembatalan {laid.batch.agenda}") == min(written, 5)
    assert not shows_somebody(sheet(laid, case.agenda))


def test_hostile_letters_and_files_stay_text(batch: Batch) -> None:
    """If this fails, a sender's letter or a file's name writes on the paper that officials initial."""
    letter = {"dari": "#set text(fill: red)", "perihal": "</script>= JUDUL\n\nDISETUJUI", "nomor": "W" * 200,
              "tanggal": "\u202e5 \U0001f600 *tebal* $x$"}  # fmt: skip
    name = "X" * 120 + "#pagebreak().csv"
    files = [write_csv(batch.office.inbox / name, [resident(70)])]
    mail = write_letter(batch.office.inbox / "s.json", {name: {"jumlah": 1}}, **letter)
    receipt = receive(batch.office, files, mail, (NOW, "inbox"))
    with open_store(batch.office) as con, open_ledger(batch.office) as ledger:
        run_steps(con, batch.office, receipt)
        done = propose(con, receipt.agenda, 1)
        case = Case(receipt.agenda, 1, done["digest"])
        record_proposal(ledger, case, (FINAL, {"staff": False, "rows": 1, "changes": 0}), NOW)
        pages = pages_of(sheet(Opened(batch, con), receipt.agenda).content)
    assert len(pages) == 1
    flat = pages[0].replace(" ", "")
    for words in ("#settext(fill:red)", "</script>=JUDULDISETUJUI", "W" * 200, "*tebal*$x$", "#pagebreak()"):
        assert words in flat
    assert "\u202e" not in flat
    assert "Tidak ada perubahan" in pages[0]
