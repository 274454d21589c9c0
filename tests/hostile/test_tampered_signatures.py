"""A signed Berita Acara that somebody changed, cut, exchanged or signed with the wrong key is told as such.

In CI a few flipped bits per part; ``SINKRON_TORTURE=1`` tries thousands.
"""

import os
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from office_kit import signature_forger as forger
from office_kit.certificates import SINCE, Authority, authority
from office_kit.signers import NIP
from office_kit.signing import ROLES, Table, key_of, lay, sha256
from office_kit.small import Batch, copy_of

FLIPS = 2000 if os.environ.get("SINKRON_TORTURE") else 15
PAPER = "bukan Berita Acara agenda ini"
CHANGED = "isi yang ditandatangani berubah"


@pytest.fixture(scope="module")
def table(small: Batch, tmp_path_factory: pytest.TempPathFactory) -> Table:
    """A written batch and its officials; nothing here writes to the office."""
    return lay(copy_of(small, tmp_path_factory.mktemp("ttd") / "kantor"))


@pytest.fixture(scope="module")
def good(table: Table) -> bytes:
    """Signed by all three, as it must be."""
    return table.all_three()


def told(table: Table, pdf: bytes) -> str:
    return "\n".join(table.check(pdf))


def test_a_whole_paper_is_right(table: Table, good: bytes) -> None:
    """If this fails, every signed Berita Acara of the office is called a forgery."""
    assert table.check(good) == []


@pytest.mark.parametrize("part", ["surat", "kasi", "kabid", "kadis", "wadah"])
def test_one_bit(table: Table, good: bytes, part: str) -> None:
    """If this fails, one letter of a signed paper can be changed and the signatures still count."""
    ends = [len(table.paper), *(len(forger.cut_back(good, number)) for number in (1, 2, 3))]
    places = dict(zip(("surat", *ROLES), zip([0, *ends], ends, strict=False), strict=True))
    first, after = (places | {"wadah": forger.container_of(good)})[part]
    chance = random.Random(part)  # noqa: S311 (the same bits on every machine)
    for _ in range(FLIPS):
        at, bit = chance.randrange(first, after), chance.randrange(8)
        assert table.check(forger.flipped(good, at, bit)), (part, at, bit)


def test_bits_that_change_nothing_for_cryptography(table: Table, good: bytes) -> None:
    """If this fails, one signed paper has many "valid" files, each with another hash than the ledger's."""
    first, after = forger.container_of(good)
    written = good[first:after]
    name = b"CA UJI SINKRON".hex().upper().encode()  # in the certificate, then unsigned as the issuer of the signer's
    issuer = written.upper().index(name, written.upper().index(name) + 1)
    letter = next(at for at in range(1, len(written)) if written[at : at + 1] in b"abcdefABCDEF")
    for at, bit in ((issuer + 6, 1), (letter, 5), (len(written) - 2, 0), (len(written) - 200, 3)):
        assert "KADIS: wadah tanda tangan terakhir diubah" in table.check(forger.flipped(good, first + at, bit)), at


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (forger.page_replaced, "berubah sesudah"), (forger.note_added, "berubah sesudah"),
        (forger.script_added, "berubah sesudah"), (lambda pdf: pdf + b"\n", "tanda tangan terakhir"),
        (lambda pdf: pdf + b"catatan tambahan" * 100, "tanda tangan terakhir|rusak"),
        (forger.saved_again, PAPER), (forger.stripped, "tidak ada tanda tangan"),
        (lambda pdf: forger.with_fields(pdf, "LAIN"), "di luar tanda tangan"),
        (forger.another_paper_behind, "surat lain"), (lambda pdf: pdf[:-900], "rusak"), (lambda _: b"", "rusak"),
        (lambda _: b"%PDF-1.7\n%%EOF", "rusak"),
    ],
)  # fmt: skip
def test_changed_afterwards(table: Table, good: bytes, change: Callable[[bytes], bytes], words: str) -> None:
    """If this fails, a paper is changed after the Kadis signed and the office calls it his."""
    found = told(table, change(good))
    assert any(word in found for word in words.split("|")), found


@pytest.mark.parametrize("left", [0, 1, 2])
def test_cut_back(table: Table, good: bytes, left: int) -> None:
    """If this fails, a paper that the Kadis has not signed, or not any more, passes for signed."""
    cut = forger.cut_back(good, left) if left else table.paper
    assert ("tidak ada tanda tangan" if not left else f"{left} tanda tangan elektronik") in told(table, cut)
    assert not left or not table.check(cut, levels=left)  # each of the signatures left is right by itself


def test_text_exchanged_before_the_first_signature(table: Table) -> None:
    """If this fails, officials sign an update that shows other numbers than the office's own paper below it."""
    for change in (forger.page_replaced, forger.note_added, forger.script_added):
        pdf = change(table.paper)
        for role in ROLES:
            pdf = table.add(pdf, role)
        found = told(table, pdf)
        assert "di luar tanda tangan" in found, found
        assert "isi surat diubah sebelum tanda tangan pertama" in found, found


def test_paper_of_another_batch(table: Table, good: bytes) -> None:
    """If this fails, the signatures of one batch's paper prove another batch."""
    other = replace(table.expected, papers=frozenset({sha256(b"surat agenda lain")}))
    assert PAPER in told(replace(table, expected=other), good)
    for change in ({"agenda": "2026-0002"}, {"digest": "b" * 64}):
        found = told(replace(table, expected=replace(table.expected, **change)), good)
        assert found.count("alasan (reason)") == 3, found


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("of", "words"),
    [
        ("other person", "bukan milik NIP"), ("no nip", "bukan milik NIP"),
        ("other ca", "tidak diterbitkan oleh penerbit"), ("expired", "tidak berlaku pada saat"),
    ],
)  # fmt: skip
def test_wrong_certificate(table: Table, role: str, of: str, words: str) -> None:
    """If this fails, somebody else's key, a key nobody certified or an old one signs for an official."""
    made = {
        "other person": lambda: authority().certify(NIP["staff"], f"UJI {role.title()}"),
        "no nip": lambda: authority().certify("", f"UJI {role.title()}"),
        "other ca": lambda: Authority().certify(NIP[role], f"UJI {role.title()}"),
        "expired": lambda: authority().certify(NIP[role], "UJI", until=SINCE + timedelta(days=30)),
    }[of]()
    found = table.check(table.all_three(**{role: made}))
    assert any(text.startswith(f"{role.upper()}: ") and words in text for text in found), found
    assert all(text.startswith(f"{role.upper()}: ") for text in found), found


def test_authority_below_the_root(table: Table) -> None:
    """If this fails, certificates of an authority that the trusted root certified do not count, or strangers' do."""
    below = authority().below("CA BAWAH")
    made = {role: below.certify(NIP[role], f"UJI {role.title()}") for role in ROLES}
    with_chain = {role: replace(one, chain=(below.root.certificate, authority().root.certificate))
                  for role, one in made.items()}  # fmt: skip
    assert table.check(table.all_three(**with_chain)) == []
    assert len(table.check(table.all_three(**made))) == 3  # the way to the root is missing
    official = Authority()
    official.root = table.people["kasi"]
    forged = official.certify(NIP["kadis"], "UJI Kadis")
    forged = replace(forged, chain=(table.people["kasi"].certificate,))
    assert "KADIS: sertifikat tidak diterbitkan" in told(table, table.all_three(kadis=forged))


def test_one_person_signs_twice(table: Table) -> None:
    """If this fails, the Kasi alone fills the boxes of Kasi and Kabid."""
    assert table.check(table.all_three(kabid=table.people["kasi"])) == [
        "KABID: sertifikat bukan milik NIP yang menurut Buku Agenda memutuskan di jenjang ini"
    ]


def test_other_words(table: Table) -> None:
    """If this fails, a signature says another digest or meaning than the one that was approved."""
    pdf = table.add(table.paper, "kasi")
    pdf = table.add(pdf, "kabid", expected=replace(table.expected, digest="b" * 64))
    pdf = table.add(pdf, "kadis", who=replace(table.who("kadis"), meaning="paraf"))
    assert [text[:27] for text in table.check(pdf)] == ["KABID: alasan (reason) buka", "KADIS: alasan (reason) buka"]


def test_other_order(table: Table) -> None:
    """If this fails, the Kadis signs what nobody verified, and Kasi and Kabid follow."""
    pdf = forger.with_fields(table.paper, "KASI", "KABID", "KADIS")
    for number, role in enumerate(reversed(ROLES)):
        words = (table.expected.reason(table.who(role)), table.now + timedelta(minutes=number))
        pdf = forger.signed(pdf, role.upper(), key_of(table.people[role]), words, certify=not number)
    assert "berurutan" in told(table, pdf)


def test_fourth_signature(table: Table, good: bytes) -> None:
    """If this fails, a stranger's signature stands beside those of the officials."""
    stranger = key_of(Authority("CA LAIN").certify(NIP["staff"], "ORANG LAIN"))
    found = told(table, forger.signed(good, "LAIN", stranger, ("ikut", table.now + timedelta(minutes=1))))
    assert "4 tanda tangan elektronik, seharusnya 3" in found


def test_first_signature_locks_the_paper(table: Table) -> None:
    """If this fails, a reader lets others comment on and fill in a signed Berita Acara."""
    pdf = table.paper
    for role in ROLES:
        words = (table.expected.reason(table.who(role)), table.now)
        pdf = forger.signed(pdf, role.upper(), key_of(table.people[role]), words)
    found = told(table, pdf)
    assert "KASI: tidak mengunci isi surat" in found, found
    assert "tanda tangan ke-1: tidak di kotaknya" in found, found  # these have no place on the page at all


def test_box_over_the_text(table: Table) -> None:
    """If this fails, a signature drawn over the page hides what was decided and shows something else."""
    boxes = table.boxes | {"kasi": replace(table.boxes["kasi"], left=0.0, right=590.0, top=840.0, bottom=0.0)}
    pdf = table.add(table.paper, "kasi", boxes=boxes)
    assert table.check(pdf, levels=1) == ["tanda tangan ke-1: tidak di kotaknya pada halaman"]
    assert table.check(pdf, levels=1, boxes={}) == ["tanda tangan ke-1: tidak di kotaknya pada halaman"]
    moved = table.boxes | {"kasi": replace(table.boxes["kasi"], page=1 - table.boxes["kasi"].page)}
    assert table.check(table.add(table.paper, "kasi", boxes=moved), levels=1) != []


@pytest.mark.parametrize("minutes", [(-9000, 1, 2), (2, 1, 3), (1, 2, 9000)])
def test_times(table: Table, minutes: tuple[int, int, int]) -> None:
    """If this fails, somebody signs before there was anything to sign, or with a clock of his own."""
    pdf = table.paper
    start = table.now
    for role, at in zip(ROLES, minutes, strict=True):
        pdf = table.add(pdf, role, now=start + timedelta(minutes=at))
    assert "waktu tanda tangan tidak berurutan, sebelum data ditulis, atau di depan jam kantor" in table.check(pdf)


def test_findings_name_nobody(table: Table, good: bytes, tmp_path: Path) -> None:
    """If this fails, what stands in a hostile file comes back in the office's own words."""
    canary = "<script>KENARI</script>"
    key = key_of(Authority(canary).certify("0", canary))
    forged = forger.signed(good, canary.replace(".", ""), key, (canary, table.now))
    assert "KENARI" not in told(table, forged)
    assert "KENARI" not in "\n".join(table.check(forged, levels=4))
