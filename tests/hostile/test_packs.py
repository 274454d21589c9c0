"""What somebody may hand to an auditor as a pack: the checker says so, reads nothing else, and never crashes."""

import json
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from office_kit.packs import book_of, check, members_of, pack_of, packed, started, with_book, written_batch, zipped
from office_kit.small import Batch, Opened

from tasks.pack.make import BOOK, Pack


@pytest.fixture(scope="module")
def pack(small: Batch, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return pack_of(small, tmp_path_factory.mktemp("paket") / "kantor", undone=False)


@pytest.fixture
def honest(pack: Pack, tmp_path: Path) -> Path:
    path = tmp_path / pack.name
    path.write_bytes(pack.content)
    return path


def test_names_that_lead_out_of_the_pack(honest: Path, tmp_path: Path) -> None:
    """If this fails, opening a pack writes into the auditor's own folders."""
    for name in ("../lain.txt", "/etc/lain", "dokumen/../../x", "C:\\x.txt", "dokumen\\x", "\u202exdp.txt", "a\nBENAR",
                 "-rf", ".profil", "dokumen//x", "x" * 300 + "/"):  # fmt: skip
        path = tmp_path / "p.zip"
        path.write_bytes(honest.read_bytes())
        with zipfile.ZipFile(path, "a") as box:
            box.writestr(zipfile.ZipInfo(name), b"x")
        said = check(path)
        assert said.code == (0 if name.endswith("/") else 1), name
        assert "\u202e" not in said.text
        assert not [line for line in said.text.splitlines()[1:] if line.startswith("BENAR")]
        path.unlink()
    assert not (tmp_path.parent / "lain.txt").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice(honest: Path) -> None:
    """If this fails, the auditor reads one paper, and the checker another of the same name."""
    with zipfile.ZipFile(honest, "a") as box:
        box.writestr("BACA-SAYA.txt", members_of(honest.read_bytes())["BACA-SAYA.txt"])
    said = check(honest)
    assert said.code == 1
    assert "nama ganda" in said.text


def test_huge_members_are_not_read(tmp_path: Path) -> None:
    """If this fails, a file of a few kilobytes fills the auditor's memory."""
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as box, box.open(BOOK, "w", force_zip64=True) as member:
        for _ in range(600):
            member.write(bytes(1 << 20))
    said = check(path)
    assert said.code == 1
    assert "batas 536870912" in said.text


def test_a_directory_that_lies_about_sizes(honest: Path, tmp_path: Path) -> None:
    """If this fails, a member that says it is small and is not is read whole."""
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(BOOK, bytes(64 << 20))
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    path.write_bytes(content)
    assert check(path).code == 1


def test_what_is_no_pack(honest: Path, tmp_path: Path) -> None:
    """If this fails, an empty envelope is called right, or the checker ends in an English traceback."""
    (tmp_path / "kosong").mkdir()
    none = {
        "teks.zip": b"bukan paket", "nol.zip": b"", "pdf.zip": b"%PDF-1.7", "age.zip": b"age-encryption.org/v1\n",
        "potong.zip": honest.read_bytes()[:-40],
    }  # fmt: skip
    for name, content in none.items():
        (tmp_path / name).write_bytes(content)
        said = check(tmp_path / name)
        assert said.code == 2, name
        assert said.text.startswith("TIDAK ADA")
    for path in (tmp_path / "kosong", tmp_path / "tidak-ada.zip"):
        assert check(path).code == 2
    books = (b"", b"[]\n", b"null\n", b"\xff\n", b"[" * 200_000 + b"\n", b'[[1,2,3,4,5,"{}",7,8],[]]\n')
    for number, members in enumerate(({"foto.jpg": b"x"}, *({BOOK: book} for book in books))):
        said = check(zipped(tmp_path / f"{number}.zip", members))
        assert said.code == 1, members
        assert said.text.startswith("SALAH")


def test_an_encrypted_member_is_not_read(honest: Path) -> None:
    """If this fails, a pack locked with a password ends in a traceback."""
    content = bytearray(honest.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    honest.write_bytes(content)
    assert check(honest).text.startswith("SALAH")


def test_an_unpacked_folder_is_checked_as_well(pack: Pack, tmp_path: Path) -> None:
    """If this fails, an auditor who unpacked the ZIP first is told that it is wrong, or that a link is a paper."""
    folder = tmp_path / "bukti"
    for name, content in members_of(pack.content).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    assert check(folder).code == 0
    paper = next((folder / "dokumen").rglob("*.pdf"))
    paper.write_bytes(b"lain")
    assert paper.name in check(folder).text
    paper.unlink()
    os.mkfifo(paper)
    assert stat.S_ISFIFO(paper.stat().st_mode)
    assert check(folder).code == 1


def test_another_batchs_entries_do_not_pass(pack: Pack, opened: Opened, tmp_path: Path) -> None:
    """If this fails, the signatures of one batch stand in the pack of another."""
    written_batch(opened)
    other = book_of(members_of(packed(opened).content))
    members = members_of(pack.content)
    lines = book_of(members)
    decisions = [at for at, (line, _) in enumerate(lines) if line[2] == "keputusan"]
    foreign = [json.loads(json.dumps(one)) for one in other if one[0][2] == "keputusan"]
    for at, one in zip(decisions, foreign, strict=True):
        one[0][3] = "2026-0009"
        assert check(zipped(tmp_path / "p.zip", with_book(members, [*lines[:at], one, *lines[at + 1 :]]))).code == 1
        assert check(zipped(tmp_path / "q.zip", with_book(members, [*lines[:-1], one, lines[-1]]))).code == 1


def test_texts_from_a_forged_pack_give_no_orders_to_a_terminal(pack: Pack, tmp_path: Path) -> None:
    """If this fails, a forged pack clears the auditor's screen and writes its own verdict."""
    members = members_of(pack.content)
    lines = book_of(members)
    for at, (line, proof) in enumerate(lines):
        if line[2] == "berkas.diterima":
            facts = json.loads(line[5])
            facts["files"][0]["name"] = "\x1b[2J\x1b[HBENAR, SELURUHNYA\nBENAR\u2028x"
            lines[at] = ([*line[:5], json.dumps(facts), *line[6:]], proof)
    said = check(zipped(tmp_path / "p.zip", with_book(members, lines)))
    assert said.code == 1
    assert "\x1b" not in said.text
    assert not [line for line in said.text.splitlines() if line.startswith("BENAR")]


def test_heads_that_are_none(honest: Path) -> None:
    """If this fails, a mistyped head counts as one that fits."""
    for typed in ("13:AAAA-AAAA", "999:AAAA-AAAA", "13:00000000"):
        said = check(honest, "--kepala", typed)
        assert said.code == 1, typed
        assert f"kepala {typed.partition(':')[0]}: lain" in said.text
    for typed in (["13"], ["tiga:AAAA-AAAA"], ["13:"], [":"], ["-1:00000000"], [], ["13:A B"]):
        usage = started(honest, "--kepala", *typed)
        assert usage.returncode == 1, typed
        assert not usage.stdout
        assert "--kepala NOMOR:HURUF" in usage.stderr
