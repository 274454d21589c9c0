"""Whatever is changed in a pack is found: by itself, or, where everything was made to agree, by a head on paper."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_kit.packs import (
    Line,
    Members,
    book_of,
    check_here,
    forged_ledger,
    listed_again,
    members_of,
    pack_of,
    sealed_again,
    with_book,
    zipped,
)
from office_kit.small import Batch

from tasks.ledger import canonical, entry_hash
from tasks.pack.make import BOOK, LIST, Pack

Lines = list[tuple[Line, list[str]]]
OPEN = "usulan-2026-0001-r1.txt"


@pytest.fixture(scope="module")
def pack(small: Batch, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """An unmasked pack of a batch that was written and undone."""
    return pack_of(small, tmp_path_factory.mktemp("paket") / "kantor", masked=False)


@pytest.fixture
def members(pack: Pack) -> Members:
    return members_of(pack.content)


@pytest.fixture
def first(members: Members) -> str:
    """The head of the writing, as the Berita Acara prints it."""
    line = next(line for line, _ in book_of(members) if line[2] == "data.ditulis")
    return f"{line[0]}:{line[7]}"


def changed(draw: st.DrawFn, content: bytes) -> bytes:
    """Other bytes: one flipped, some cut off, some put in."""
    at = draw(st.integers(0, max(len(content) - 1, 0)))
    how = draw(st.sampled_from(["flip", "cut", "insert", "empty"]))
    if how == "flip":
        return content[:at] + bytes([content[at] ^ draw(st.integers(1, 255))]) + content[at + 1 :]
    if how == "insert":
        return content[:at] + draw(st.binary(min_size=1, max_size=5)) + content[at:]
    return content[:at] if how == "cut" else b""


@st.composite
def tampered(draw: st.DrawFn, members: Members) -> Members:
    """One member changed, gone, added, or exchanged with another."""
    made, name = Members(members), draw(st.sampled_from(sorted(members)))
    other = draw(st.sampled_from(sorted(set(members) - {name})))
    how = draw(st.sampled_from(["change", "change", "drop", "add", "swap", "rename"]))
    if how == "change":
        made[name] = changed(draw, members[name])
    elif how == "drop":
        del made[name]
    elif how == "add":
        made[draw(st.sampled_from(["dokumen/2026-0001/lain.pdf", "catatan.txt", "usulan-2026-0002-r1.txt"]))] = b"x"
    elif how == "swap":
        made[name], made[other] = members[other], members[name]
    else:
        made[f"dokumen/2026-0001/{name.rpartition('/')[2]}"] = made.pop(name)
    return made


@given(data=st.data())
@settings(max_examples=120)
def test_no_member_can_be_changed(data: st.DataObject, members: Members, tmp_path: Path) -> None:
    """If this fails, a paper, the signed bytes, the checker or the README in a pack is not what the office gave."""
    made = data.draw(tampered(members))
    if data.draw(st.booleans()) and LIST in made:
        made = listed_again(made)
    if made != members:
        said = check_here(zipped(tmp_path / "p.zip", made))
        assert said.code == 1, said.text
        assert said.text.startswith("SALAH")


@given(data=st.data())
@settings(max_examples=200)
def test_no_byte_of_the_file_changes_what_is_read(data: st.DataObject, pack: Pack, tmp_path: Path) -> None:
    """If this fails, a damaged or touched-up ZIP shows other papers than the office's and is called right."""
    place = data.draw(st.integers(0, len(pack.content) - 1))
    flipped = bytes([pack.content[place] ^ data.draw(st.integers(1, 255))])
    path = tmp_path / "p.zip"
    path.write_bytes(pack.content[:place] + flipped + pack.content[place + 1 :])
    said = check_here(path)
    if said.code == 0:  # not evidence: times, attributes and versions that a ZIP keeps of its members
        assert members_of(path.read_bytes()) == members_of(pack.content)


def fact_changed(line: Line, which: int) -> Line:
    """One fact of an entry is another, and the entry's hash that of the new text."""
    facts: dict[str, Any] = json.loads(line[5])
    name = (sorted(facts) or ["x"])[which % max(len(facts), 1)]
    old = facts.get(name)
    facts[name] = {int: -1, bool: not old, str: f"{old}1"}.get(type(old), [])
    made = [*line[:5], canonical(facts), line[6]]
    return [*made, entry_hash(line[6], *made[:6])]


HOW = ["drop", "double", "move", "proof", "cut", "flip", "fact", "fact", "actor", "number"]
PLACES = st.tuples(st.sampled_from(HOW), st.integers(0, 40), st.integers(0, 40), st.integers(0, 20))


def retold(lines: Lines, place: tuple[str, int, int, int]) -> Lines:
    """An entry gone, doubled, moved, told otherwise; a proof of another, shorter, or with another hash."""
    how, at, other, which = place
    made, at, other = list(lines), at % len(lines), other % len(lines)
    line, proof = made[at]
    if how == "drop":
        del made[at]
    elif how == "double":
        made.insert(other, made[at])
    elif how == "move":
        made.insert(other, made.pop(at))
    else:
        made[at] = {
            "proof": (line, lines[other][1]), "cut": (line, proof[:-1]), "flip": (line, [*proof[1:], "0" * 64]),
            "fact": (fact_changed(line, which), proof), "number": ([line[0] + 1, *line[1:]], proof),
            "actor": ([*line[:4], "197001011990011999", *line[5:]], proof),
        }[how]  # fmt: skip
    return made


@given(place=PLACES)
@settings(max_examples=150)
def test_no_entry_can_be_changed_or_left_out(
    place: tuple[str, int, int, int], members: Members, tmp_path: Path
) -> None:
    """If this fails, a withdrawal is left out of a pack, or a signature put in, and nobody sees it."""
    lines = book_of(members)
    made = retold(lines, place)
    if made != lines:
        said = check_here(zipped(tmp_path / "p.zip", with_book(members, made)))
        assert said.code == 1, said.text


@given(data=st.data())
@settings(max_examples=100)
def test_a_pack_sealed_again_is_found_by_its_head_on_paper(
    data: st.DataObject, pack: Pack, members: Members, tmp_path: Path
) -> None:
    """If this fails, somebody who knows every formula exchanges a paper, and the head on paper does not tell."""
    made = data.draw(tampered(members))
    if BOOK not in made or made[BOOK] != members[BOOK]:
        return
    made = sealed_again(made)
    if made != members:
        path = zipped(tmp_path / "p.zip", made)
        assert check_here(path, "--kepala", f"{pack.head[0]}:{pack.head[1]}").code == 1


@given(place=PLACES)
@settings(max_examples=150)
def test_what_led_to_a_writing_is_bound_by_the_writing(
    place: tuple[str, int, int, int], members: Members, first: str, tmp_path: Path
) -> None:
    """If this fails, the head on the Berita Acara does not stand for the decisions before it."""
    lines, number = book_of(members), int(first.partition(":")[0])
    made = retold(lines, place)
    before = [one for one in made if one[0][0] <= number]
    if before == [one for one in lines if one[0][0] <= number] or made[-1] != lines[-1]:
        return
    again = sealed_again(with_book(members, made))
    assert check_here(zipped(tmp_path / "p.zip", again), "--kepala", first).code == 1
    try:
        forged = sealed_again(with_book(members, forged_ledger(made)))
    except (KeyError, StopIteration, ValueError):
        return  # no ledger can be made of that
    if forged != members:  # only proofs were changed: they are made anew
        assert check_here(zipped(tmp_path / "q.zip", forged), "--kepala", first).code == 1


def test_a_whole_forged_ledger_needs_paper(members: Members, first: str, tmp_path: Path) -> None:
    """If this fails, the limit that the README tells of is another one: nothing but paper tells a ledger made anew."""
    lines = book_of(members)
    forged = sealed_again(with_book(members, forged_ledger(lines[:4] + lines[5:])))
    path = zipped(tmp_path / "p.zip", forged)
    assert check_here(path).code in (0, 1)
    assert check_here(path, "--kepala", first).code == 1
    whole = sealed_again(with_book(members, forged_ledger(lines)))
    said = check_here(zipped(tmp_path / "q.zip", whole))
    assert said.text.startswith("BENAR, BELUM terikat kertas"), said.text
