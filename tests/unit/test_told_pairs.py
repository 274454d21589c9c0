"""Which pairs people are told of, whatever the probability: shared NIKs, decided pairs, copies, twins by number."""

from pathlib import Path

import polars as pl
import pytest
from office_kit.files import Row
from office_kit.memory import linked
from office_kit.residents import again, born, nik_of, resident

from expectations.matching import MATCH, NONE, POSSIBLE
from tasks.resolve.link import Linked, Steering, link
from tasks.resolve.run import link_records, show_pairs

COLUMNS = (
    "nama_lgkp",
    "nama_lgkp_ibu",
    "nama_lgkp_ayah",
    "tmpt_lhr",
    "alamat",
    "tgl_lhr",
    "jenis_klmin",
    "nik",
    "no_kk",
)
NOBODY = pl.DataFrame(schema={"left_id": pl.String, "right_id": pl.String, "same": pl.Boolean})


def people(*rows: Row) -> pl.DataFrame:
    """These records first, then a hundred residents."""
    told = [*rows, *map(resident, range(300, 400))]
    return pl.DataFrame({column: [row[column.upper()] for row in told] for column in COLUMNS}, strict=False)


def first_pair(found: Linked) -> dict[str, object]:
    return found.pairs.filter((pl.col("left_row") == 0) & (pl.col("right_row") == 1)).row(0, named=True)


def answered(left: int, right: int, *, same: bool) -> Steering:
    return Steering(labels=pl.DataFrame({"left_row": [left], "right_row": [right], "same": [same]}))


def test_one_nik_on_two_people_is_told_and_not_merged() -> None:
    """If this fails, two people go on using one NIK and nobody is told, or they become one person."""
    found = link(people(resident(1), again(resident(2), NIK=resident(1)["NIK"])))
    pair = first_pair(found)
    assert (pair["band"], pair["guard"]) == (POSSIBLE, "shared nik")
    assert float(str(pair["probability"])) < 0.01
    assert found.clusters["cluster"][0] != found.clusters["cluster"][1]


@pytest.mark.parametrize(("same", "band"), [(True, MATCH), (False, NONE)])
def test_a_decided_pair_is_not_asked_again(*, same: bool, band: str) -> None:
    """If this fails, Staff decide about the same two records in every letter."""
    for rows in ((resident(1), resident(2)), (resident(1), again(resident(1), NO_KK=resident(9)["NO_KK"]))):
        found = link(people(*rows), steering=answered(1, 0, same=same))
        assert (first_pair(found)["band"], first_pair(found)["guard"]) == (band, "decided")
        assert (found.clusters["cluster"][0] == found.clusters["cluster"][1]) is same


def test_one_answer_does_not_close_the_match_band() -> None:
    """If this fails, one "tidak" of Staff sends every duplicate of the letter to people."""
    rows = [each for n in range(1, 21) for each in (resident(n), again(resident(n), NO_KK=resident(n + 50)["NO_KK"]))]
    before, after = link(people(*rows)), link(people(*rows), steering=answered(0, 1, same=False))
    matches = [(each.pairs["band"] == MATCH).sum() for each in (before, after)]
    assert matches[0] >= 20
    assert matches[1] >= matches[0] - 2


@pytest.mark.parametrize("copies", [2, 6, 7, 12, 40])
def test_copies_of_one_record_are_found_however_many(copies: int) -> None:
    """If this fails, who was entered seven times is not found at all, because every block is too large."""
    found = link(people(*[resident(1)] * copies))
    mine = found.pairs.filter(pl.col("right_row") < copies)
    assert mine.height == copies * (copies - 1) // 2
    assert set(mine["band"]) <= {MATCH, POSSIBLE}
    sizes = found.clusters["cluster"][:copies].value_counts()["count"]
    assert max(sizes) <= 6
    assert len(sizes) <= -(-copies // 5)


@pytest.mark.parametrize("names", [("SARENIA UTAMI", "ZARENIA UTAMI"), ("NUR AZIZAH", "NOER AZIZA")])
def test_twins_by_number_are_no_match(names: tuple[str, str]) -> None:
    """If this fails, twins whose names sound alike, registered one after the other, become one person."""
    first = resident(1, NAMA_LGKP=names[0], NIK=nik_of(born(resident(1)), str(resident(1)["JENIS_KLMIN"]), 9001))
    second = again(first, NAMA_LGKP=names[1], NIK=nik_of(born(first), str(first["JENIS_KLMIN"]), 9002),
                   NAMA_LGKP_IBU=None)  # fmt: skip
    assert first_pair(link(people(first, second)))["band"] != MATCH


def test_doubtful_pairs_stand_on_a_page(tmp_path: Path) -> None:
    """If this fails, Staff decide about two records without seeing them side by side."""
    man = again(resident(1), NIK=nik_of(born(resident(1)), "1", 9003), JENIS_KLMIN="1")
    known = linked([resident(n) for n in range(30)], [man])
    show_pairs(tmp_path / "pasangan.html", "2026-0001", (known, link_records(known, NOBODY)))
    page = (tmp_path / "pasangan.html").read_text()
    assert str(man["NAMA_LGKP"]).split()[0] in page
    assert "data kantor" in page
    assert str(man["NIK"]) not in page
