"""Names and addresses cleaned before they are compared: titles, abbreviations, old spelling, sounds."""

import polars as pl
import pytest

from expectations import names
from tasks.resolve.names import clean_names, clean_words, phonetic


def clean(*raw: str | None) -> list[str | None]:
    return clean_names(pl.Series(raw, dtype=pl.String))["clean"].to_list()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("H. Abdul Rahmān, S.Pd.", "ABDUL RAHMAN"),
        ("DRS.H.M.YUSUF,MM", "MUHAMMAD YUSUF"),
        ("K.H. ABD. ROHMAN", "ABDUL ROHMAN"),
        ("PROF. DR. IR. SUPARMAN, M.Si, Ph.D", "SUPARMAN"),
        ("SITI AMINAH A. Md. Keb", "SITI AMINAH"),
        ("BUDI SPDI", "BUDI"),
        ("(ALM) SLAMET", "SLAMET"),
        ("SLAMET ALM.", "SLAMET"),
        ("R. AGUS", "AGUS"),
        ("RADEN MAS SUTRISNO", "SUTRISNO"),
        ("ANDI WIJAYA", "ANDI WIJAYA"),
        ("I GUSTI NGURAH", "NGURAH"),
    ],
)
def test_titles_and_degrees_are_no_part_of_a_name(raw: str, expected: str) -> None:
    """If this fails, a person who took a degree or made the haj is not found again, or loses a part of the name."""
    assert clean(raw) == [expected]


@pytest.mark.parametrize("raw", ["H", "HJ", "ST", "R", "SH", "BIN", "HAJI"])
def test_a_name_of_one_title_word_stays(raw: str) -> None:
    """If this fails, a person whose whole name reads like a title has no name to compare."""
    assert clean(raw) == [raw]
    assert clean(f"H {raw}") == [raw]


def test_the_place_of_a_word_decides_what_it_means() -> None:
    """If this fails, SITI is taken for Sarjana Teknik, a lone initial for MUHAMMAD, or BIN eats the father's name."""
    assert clean("ST AMINAH", "NUR ST AMINAH", "BUDI ST") == ["SITI AMINAH", "NUR SITI AMINAH", "BUDI"]
    assert clean("M YUSUF", "YUSUF M", "M", "MD YUSUF", "NI MD AYU") == [
        "MUHAMMAD YUSUF", "YUSUF M", "M", "MUHAMMAD YUSUF", "NI MD AYU"]  # fmt: skip
    assert clean("AHMAD BIN UMAR", "SITI BINTI SALIM", "BIN UMAR") == ["AHMAD UMAR", "SITI SALIM", "BIN UMAR"]


def test_one_spelling_for_abbreviations() -> None:
    """If this fails, MOH. and MUHAMMAD are two people, or a list of abbreviations contradicts itself."""
    for one, variants in names.FAMILIES.items():
        assert set(clean(*(f"{variant} UJI" for variant in variants))) == {f"{one} UJI"}
        assert clean(*variants) == [one] * len(variants)
    flat = [variant for variants in names.FAMILIES.values() for variant in variants]
    assert len(flat) == len(set(flat))
    assert not set(flat) & set(names.FAMILIES)


def test_signs_digits_and_accents() -> None:
    """If this fails, a slip of the keyboard or a foreign encoding makes another person."""
    assert clean("SITI NI'MAH", "NI\u2019MAH", "SUWARN0", "0ETOMO", "BUD1MAN", "BUDI 2", "BU\u200bDI") == [
        "SITI NIMAH", "NIMAH", "SUWARNO", "OETOMO", "BUDIMAN", "BUDI", "BUDI"]  # fmt: skip
    assert clean("JOSÉ", "\uff22\uff35\uff24\uff29") == ["JOSE", "BUDI"]
    assert clean("Straße", "ǈUBA", "ŉDORO", "ØYVIND", "NOE\u0308L") == ["STRASSE", "LJUBA", "NDORO", "OYVIND", "NOEL"]


def test_missing_is_null_in_every_column() -> None:
    """If this fails, people without a name agree with each other."""
    raw = pl.Series(["-", "0", "", "  ", None, "...", "😀", "محمد", "\u00a0", "123"])
    frame = clean_names(raw)
    assert frame.null_count().row(0) == (len(raw),) * 4
    assert clean_words(pl.Series(["-", "", None, "...", "NO"])).to_list() == [None] * 5


def test_shapes_and_types_hold_for_no_values_too() -> None:
    """If this fails, an office without a single father's name in its extract stops the search for duplicates."""
    schema = {"clean": pl.String, "tokens": pl.List(pl.String), "sound": pl.String, "bag": pl.String}
    for raw in (pl.Series([], dtype=pl.String), pl.Series([None]), pl.Series(["BUDI"])):
        assert clean_names(raw).schema == schema
        assert clean_names(raw).height == len(raw) == len(clean_words(raw))


SAME = [
    ("SOEHARTO", "SUHARTO"), ("DJOKO", "JOKO"), ("TJAHJONO", "CAHYONO"), ("WIDJAJA", "WIJAYA"), ("JUSUF", "YUSUF"),
    ("SJAMSUL", "SYAMSUL"), ("NOOR", "NUR"), ("SOEGIJONO", "SUGIONO"), ("SETYAWAN", "SETIAWAN"), ("NJOMAN", "NYOMAN"),
    ("CHAIRUL", "KHOIRUL"), ("KHOERUL", "KHOIRUL"), ("ROCHMAT", "RAHMAT"), ("CHANDRA", "CANDRA"),
    ("CHRISTINA", "KRISTINA"), ("TAUFIQ", "TOFIK"), ("ARIEF", "ARIP"), ("RIZQY", "RISKI"), ("JAENAL", "ZAINAL"),
    ("SYAEFUDDIN", "SAIFUDIN"), ("MUSTHOFA", "MUSTAPA"), ("YUDHI", "YUDI"), ("UTSMAN", "USMAN"), ("EDDY", "EDI"),
    ("FATIMAH", "FATIMA"), ("HIDAYAD", "HIDAYAT"), ("HUSAIN", "HUSEN"), ("SOLEH", "SOLIH"), ("KHADIJAH", "KHODIJAH"),
    ("SOLICHIN", "SOLIKIN"), ("ABDURRAHMAN", "ABDUL RACHMAN"), ("NUR HAYATI", "NURHAYATI"),
    ("NUR RAHMAN", "NURRAHMAN"), ("SUSILO WATI", "SUSILOWATI"), ("SUSILAWATI", "SUSILOWATI"),
]  # fmt: skip
OTHER = [("EKO", "EKA"), ("UTOMO", "UTAMA"), ("EKA", "IKA"), ("HADI", "ADI"), ("SANTI", "YANTI"), ("NURUL", "NUR"),
         ("A AGUS", "AGUS"), ("S SUPARMAN", "SUPARMAN"), ("ANI", "ANITA"), ("BUDI", "RUDI"),
         ("DIANA", "DIYONO")]  # fmt: skip


def test_sounds_of_variants_agree_and_of_other_names_do_not() -> None:
    """If this fails, old spelling hides a duplicate, or EKO and EKA, often two people, are one."""
    first, second = (clean_names(pl.Series(side))["sound"] for side in zip(*SAME, strict=True))
    assert [pair for pair, a, b in zip(SAME, first, second, strict=True) if a != b] == []
    first, second = (clean_names(pl.Series(side))["sound"] for side in zip(*OTHER, strict=True))
    assert [pair for pair, a, b in zip(OTHER, first, second, strict=True) if a == b] == []


def test_initials_stay_one_letter_and_words_keep_their_order() -> None:
    """If this fails, an initial can no longer be compared with the word it stands for."""
    frame = clean_names(pl.Series(["YUSUF A. RAHMAN"]))
    assert frame["tokens"].to_list() == [["JUSUP", "A", "RAMAN"]]
    assert frame["sound"].to_list() == ["JUSUPARAMAN"]
    assert frame["bag"].to_list() == ["A JUSUP RAMAN"]
    assert phonetic(pl.Series(list("HYJZQX"))).to_list() == list("HYJZQX")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("JL. MAJAPAHIT NO.36", "JL MAJAPAHIT 36"),
        ("Jalan Majapahit 036", "JL MAJAPAHIT 36"),
        ("GANG III NOMOR 5A", "GG 3 5 A"),
        ("DUSUN KRAJAN RT003/RW01", "DSN KRAJAN RT 3 RW 1"),
        ("DSN. KRAJAN RT/RW 003/001", "DSN KRAJAN RT 3 RW 1"),
        ("PERUMAHAN GRIYA BLK. C-12", "PERUM GRIYA BLOK C 12"),
        ("KEL. MERI KEC KRANGGAN", "KEL MERI KEC KRANGGAN"),
        ("KAB. MOJOKERTO", "MOJOKERTO"),
        ("KOTA MOJOKERTO", "MOJOKERTO"),
        ("MOJOKERTO (KAB)", "MOJOKERTO"),
        ("KABUPATEN KOTA BARU", "KOTA BARU"),
        ("KOTA", "KOTA"),
        ("RT 000 RW 000", "RT 0 RW 0"),
    ],
)
def test_addresses_and_places_have_one_spelling(raw: str, expected: str) -> None:
    """If this fails, the same house or the same place of birth counts as evidence against a duplicate."""
    assert clean_words(pl.Series([raw])).to_list() == [expected]
