"""The annex of the Berita Acara: every change once, on paper or in a workbook that only its own password opens."""

import hashlib
import io
import re
from datetime import UTC, datetime

import msoffcrypto
import openpyxl
import pytest
from office_kit.pdf_text import pages_of, text_of
from office_kit.sheets_and_minutes import CELLS, finish, says, written, written_minutes
from office_kit.small import Batch, Opened

from tasks.documents import minutes as module
from tasks.documents.annex import HEADS, annex_password
from tasks.documents.render import render
from tasks.documents.sealed_workbook import seal
from tasks.ledger import open_ledger


@pytest.fixture
def done(opened: Opened) -> Opened:
    """The small batch, signed by everybody and written."""
    return finish(opened)


def test_every_change_is_in_the_annex_once(done: Opened) -> None:
    """If this fails, a change was written that no paper lists, or one is listed that was not written."""
    facts, text = written(done).payload, text_of(written_minutes(done)[0].content)
    annex = text.split("LAMPIRAN BERITA ACARA")[1]
    first, second = re.split(r"B ?\. Tidak ditulis", annex)
    numbers = [[int(number) for number in CELLS.findall(part)] for part in (first, second)]
    assert [len(part) for part in numbers] == [facts["written"], facts["unchanged"]]
    assert [*numbers[0], *numbers[1]] == list(range(1, facts["written"] + facts["unchanged"] + 1))


HOSTILE = ("#set text(fill: red)", "<script>alert(1)</script>", "\u202eBALIK\u202c", "\U0001f600 emoji", "X" * 200,
           "*tebal* $x^2$ @ref <lab>", '#import "/etc/passwd"', "S" * 60, "\x00\x1b[31m|`", "deadbeef" * 8)  # fmt: skip


def test_a_long_annex_of_hostile_values(done: Opened) -> None:
    """If this fails, a long annex loses rows or heads, or a crafted name draws on the paper."""
    with open_ledger(done.batch.office) as ledger:
        facts, _ = module._facts(done.con, ledger, done.batch.office, done.batch.agenda)
    rows = [[str(n), "357601******9001", *(HOSTILE[(n + place) % len(HOSTILE)] for place in range(4))]
            for n in range(1, 451)]  # fmt: skip
    facts["changes"] |= {"written": rows, "right": [], "total": "450", "shown": "450"}
    facts["approvals"][0]["name"] = facts["signers"][0]["name"] = facts["batch"]["letter"]["sender"] = HOSTILE[4]
    pages = pages_of(render("berita-acara", facts, done.batch.desk.clock))
    annex = next(n for n, page in enumerate(pages) if "LAMPIRAN" in page)
    assert len(pages) > 40
    assert all("No NIK Elemen Semula Menjadi Dasar" in page for page in pages[annex:])
    assert [f"hal. {n} dari {len(pages)}" in page for n, page in enumerate(pages, start=1)] == [True] * len(pages)
    assert [int(number) for page in pages[annex:] for number in CELLS.findall(page)] == list(range(1, 451))
    whole = " ".join(pages).replace(" ", "")
    for text in (*HOSTILE[:2], *HOSTILE[4:8]):
        assert text.replace(" ", "") in whole, text
    assert not {"\u202e", "\x1b", "\U0001f600"} & set(whole)


@pytest.fixture
def capped(done: Opened, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """The paper bears three changes; the batch has more."""
    monkeypatch.setattr(module, "ON_PAPER", 3)
    return done


def opened_annex(batch: Batch, content: bytes, password: str = "") -> list[list[str | None]]:
    """The annex's lines, as Excel shows them with the password."""
    sealed = msoffcrypto.OfficeFile(io.BytesIO(content))
    sealed.load_key(password or annex_password(batch.office, batch.agenda), verify_password=True)
    plain = io.BytesIO()
    sealed.decrypt(plain, verify_integrity=True)
    book = openpyxl.load_workbook(plain)
    assert {cell.data_type for line in book.active.iter_rows() for cell in line if cell.value is not None} == {"s"}
    return [[cell.value for cell in line] for line in book.active.iter_rows(min_row=4)]


def test_too_many_changes_go_into_an_encrypted_annex(capped: Opened) -> None:
    """If this fails, changes over the cap are on no paper at all, or lie about in plain."""
    paper, annex = written_minutes(capped)
    facts = written(capped).payload
    heads, *lines = opened_annex(capped.batch, annex.content)
    assert tuple(heads) == HEADS
    assert [line[0] for line in lines] == [str(n) for n in range(1, facts["written"] + facts["unchanged"] + 1)]
    stored = capped.con.execute("select (row_id % 10000000)::varchar, after from changes where round = 1").fetchall()
    # A code bears its word: "1 KEPALA KELUARGA".
    assert sorted((line[2], line[8].split()[0]) for line in lines) == sorted(
        (row, new.split()[0]) for row, new in stored
    )
    assert not annex.masked
    assert not [line for line in lines if line[3] and line[3].encode() in annex.content]
    text = text_of(paper.content)
    assert len(CELLS.findall(text.split("LAMPIRAN BERITA ACARA")[1])) == 3
    says(text.replace(" ", ""), f"Dimuat 3 dari {len(lines)} perubahan", annex.name)


def test_the_annex_is_bound_to_the_paper_and_made_again_the_same(capped: Opened) -> None:
    """If this fails, another list can be put beside the signed paper, or a lost one can not be made again."""
    paper, annex = written_minutes(capped)
    digest = hashlib.sha256(annex.content).hexdigest()
    says(text_of(paper.content).replace(" ", ""), digest[:32], digest[32:])
    assert written_minutes(capped) == [paper, annex]


def test_the_annex_opens_with_its_own_password_alone(capped: Opened) -> None:
    """If this fails, whoever finds the file, or knows another batch's password, reads residents' data."""
    _, annex = written_minutes(capped)
    office = capped.batch.office
    mine, other = annex_password(office, capped.batch.agenda), annex_password(office, "2026-0002")
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}", mine)
    with pytest.raises(msoffcrypto.exceptions.InvalidKeyError):
        opened_annex(capped.batch, annex.content, other)


def test_annexes_share_no_key() -> None:
    """If this fails, two annexes of one office begin with the same bytes of cipher: one tells of the other."""
    about = (b"k" * 32, datetime(2026, 10, 6, tzinfo=UTC))
    first, second = (seal(content, "sandi", about) for content in (b"a" * 5000, b"a" * 4999 + b"b"))
    assert first == seal(b"a" * 5000, "sandi", about)
    packages = [msoffcrypto.OfficeFile(io.BytesIO(sealed)).file.openstream("EncryptedPackage").read() for sealed in
                (first, second)]  # fmt: skip
    assert packages[0][8:24] != packages[1][8:24]
