"""The one page before a paraf, and what the office reports at the end: true counts, nobody unmasked."""

import re

from office_kit.files import write_csv, write_letter
from office_kit.residents import resident
from office_kit.sheets import work_round
from office_kit.signers import NOW
from office_kit.small import RESIDENTS, ROWS, Batch, Opened, row_ids, run_steps
from office_kit.writing import write

from tasks.ledger import open_ledger
from tasks.privacy import label, mask_nik
from tasks.propose import digest
from tasks.receive import receive
from tasks.report import history, report
from tasks.store import open_store
from tasks.summary import one_page

SECRETS = {
    str(row[c]) for row in (*RESIDENTS, *ROWS) for c in ("NIK", "NO_KK", "NAMA_LGKP", "ALAMAT", "TGL_LHR") if row[c]
}


def page(opened: Opened, round_no: int = 1) -> str:
    with open_ledger(opened.batch.office) as ledger:
        return one_page(opened.con, ledger, (opened.batch.agenda, round_no), (NOW, False))


def clean(text: str) -> bool:
    return not [s for s in SECRETS if s in text] and not re.search(r"(?<![0-9])[0-9]{16}(?![0-9])", text)


def table_row(text: str, first: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_page_counts_what_is_proposed(opened: Opened) -> None:
    """If this fails, a Kasi signs other numbers than what is in the change-set."""
    text, done = page(opened), opened.batch.done["propose"]
    for outcome, count in done["outcomes"].items():
        assert table_row(text, outcome)[1] == str(count)
    assert table_row(text, "**Jumlah**")[1] == f"**{done['rows']}**"
    assert f"### Perubahan: {done['changes']} elemen" in text
    assert done["digest"][-16:] in text
    assert table_row(text, "`ganda.csv`")[1] == str(len(ROWS))
    assert "sisa **60 hari**" in text
    assert "Belum ada keputusan" in text


def test_the_page_counts_what_would_be_written_per_element(opened: Opened) -> None:
    """If this fails, approvers do not see how many residents' data will really change."""
    text = page(opened)
    wanted = opened.con.execute("select element, count(*) filter (register_value is distinct from after), "
                                "count(*) filter (register_value is not distinct from after) from changes "
                                "where round = 1 group by 1").fetchall()  # fmt: skip
    for element, writes, right in wanted:
        assert table_row(text, label(element))[1:] == [str(writes), str(right)]


def test_the_page_shows_nobody(opened: Opened) -> None:
    """If this fails, names and NIKs are kept in Prefect's database for ever (promise 5)."""
    assert clean(page(opened))


def test_the_page_lists_the_riskiest_first(opened: Opened) -> None:
    """If this fails, a proposal to switch off a NIK is below corrections of spelling."""
    lines = [line for line in page(opened).split("### Perubahan")[1].splitlines() if "******" in line]
    assert ["Usulan ke Ditjen" in line for line in lines[:3]] == [True, True, False]


def test_the_page_names_the_nik_to_switch_off(opened: Opened) -> None:
    """If this fails, approvers sign the deactivation of the NIK that stays: the received row is the winner's."""
    going = opened.con.execute("select nik from changes join penduduk using (resident_id) where element = 'usulan' "
                               "and round = 1").fetchall()  # fmt: skip
    about = [line for line in page(opened).splitlines() if "Usulan ke Ditjen**" in line]
    assert len(going) == len(about) == 2
    for (nik,) in going:
        assert any(mask_nik(nik) in line for line in about), f"{mask_nik(nik)} tidak disebut"


def test_a_basis_that_staff_typed_does_not_leak(opened: Opened) -> None:
    """If this fails, a NIK that Staff wrote as DASAR goes to Prefect's database on the approvers' page."""
    batch = opened.batch
    typed = ("diperbaiki", "TGL_LHR", "1991-02-14", "KTP-el SITI RAHASIA")
    work_round(opened.con, batch.office, (batch.agenda, 2), {row_ids("document")[0]: typed})
    assert clean(page(opened, 2))
    assert "RAHASIA" not in page(opened, 2)


def test_the_page_tells_who_decided_what(opened: Opened) -> None:
    """If this fails, the next level does not see that a round was refused and why."""
    batch = opened.batch
    batch.desk.case = (batch.agenda, 1, batch.digest)
    batch.desk.sign("staff", "kasi")
    batch.desk.say("kabid", "Tidak", note="baris | 3\n# DISETUJUI")
    assert "`baris ¦ 3 # DISETUJUI`" in page(opened)
    work_round(opened.con, batch.office, (batch.agenda, 2), {})
    later = page(opened, 2)
    assert later.count("gugur") == 3
    assert "ronde 2" in later


def test_hostile_letters_and_names_stay_text(batch: Batch) -> None:
    """If this fails, a sender's or a file's name forges a heading on the page that people sign."""
    letter = {"dari": "x\n## DISETUJUI OLEH KADIS", "perihal": "|x|", "nomor": "`1`", "tanggal": "![x](http://jahat/x)"}
    name = "a|b`c\n# d.csv"
    totals = {name: {"jumlah": 1}}
    files = [write_csv(batch.office.inbox / name, [resident(70)])]
    receipt = receive(
        batch.office, files, write_letter(batch.office.inbox / "s.json", totals, **letter), (NOW, "inbox")
    )
    with open_store(batch.office) as con, open_ledger(batch.office) as ledger:
        run_steps(con, batch.office, receipt)
        before = one_page(con, ledger, (batch.agenda, 1), (NOW, False))
        text = one_page(con, ledger, (receipt.agenda, 1), (NOW, False))
    outside = re.sub("`[^`]*`", "", text)
    assert not re.search("DISETUJUI|jahat|# d", outside)
    assert {line.split()[0] for line in before.splitlines() if line.startswith("#")} == {
        line.split()[0] for line in text.splitlines() if line.startswith("#")}  # fmt: skip


def test_the_report_after_writing(opened: Opened) -> None:
    """If this fails, the office answers the centre with other numbers than it wrote, or with names."""
    batch: Batch = opened.batch
    batch.sign()
    with open_ledger(batch.office) as ledger:
        assert "Agenda" not in report(opened.con, ledger, batch.office).split("Buku Agenda")[0]
        summary, _ = write(opened, signed=digest(opened.con, batch.agenda, 1))
        text = report(opened.con, ledger, batch.office)
    assert f"Agenda {batch.agenda}: {len(ROWS)} baris diterima" in text
    assert f"{summary['written']} elemen ditulis" in text
    for outcome, count in summary["outcomes"].items():
        assert re.search(rf"^  {outcome} +{count}$", text, re.MULTILINE)
    assert clean(text)
    assert len(re.findall(r"^  (Kasi|Kabid|Kadis) +Ya ", text, re.MULTILINE)) == 3


def test_history_of_a_batch(opened: Opened) -> None:
    """If this fails, the office can not tell an auditor which elements of a batch were written, and from what."""
    batch = opened.batch
    batch.sign()
    summary, _ = write(opened)
    lines = history(opened.con, batch.agenda)
    assert sum("[ditulis]" in line for line in lines) == summary["written"]
    assert sum("[kantor sudah benar]" in line for line in lines) == summary["unchanged"]
    assert clean("\n".join(lines))
    assert history(opened.con, "2026-0099") == []
