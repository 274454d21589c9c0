"""The district prefixes a NIK can ever have had (data/reference/regions_history.csv) and their provenance."""

import csv
import re

import pytest

from expectations.codes import REFERENCE, regions

COLUMNS = ["code", "name", "level", "first_source", "last_source"]
KRANGGAN = "357603"
# Withdrawn when Papua and Papua Barat were split (2022): people born there still carry them.
WITHDRAWN = {
    "910101": "MERAUKE",
    "910121": "PADUA",
    "911822": "AWYU",
    "920101": "MAKBON",
    "920139": "MARIAT",
    "920401": "TEMINABUAN",
}
# Papua Barat Daya as one package renumbered it by itself, Timor Timur, a district 00: in no list we use.
NEVER_LISTED = ("960901", "961024", "540101", "357600")
SOURCE_ROW = re.compile(r"^\| ([\w-]+ \d[\w.]*) \| (?:npm|PyPI) \| ([\d,]+) \|", re.MULTILINE)


def history() -> list[dict[str, str]]:
    with (REFERENCE / "regions_history.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == COLUMNS
        return list(reader)


def sources() -> dict[str, int]:
    """Source id -> districts it lists, as the README next to the table says, oldest first."""
    readme = (REFERENCE / "README.md").read_text(encoding="utf-8")
    return {name: int(count.replace(",", "")) for name, count in SOURCE_ROW.findall(readme)}


def test_rows_are_well_formed() -> None:
    """If this fails, a NIK is compared with prefixes that are no district codes (BPS codes, lost leading digits)."""
    malformed = [row for row in history() if not re.fullmatch(r"[1-9]\d{5}", row["code"])]
    nameless = [row for row in history() if not row["name"] or row["name"] != " ".join(row["name"].upper().split())]
    assert (malformed, nameless) == ([], [])
    assert {row["level"] for row in history()} == {"kecamatan"}


def test_sorted_and_each_code_once() -> None:
    """If this fails, a code has two names, and a rebuild changes lines that did not change in the sources."""
    codes = [row["code"] for row in history()]
    assert codes == sorted(set(codes))


def test_small_enough_to_ship() -> None:
    """If this fails, the table outgrew what the office's installation should carry for one look-up."""
    assert (REFERENCE / "regions_history.csv").stat().st_size < 1_000_000


def test_kranggan() -> None:
    """If this fails, the office's own district is reported as an unknown prefix for all its residents."""
    rows = [row for row in history() if row["code"] == KRANGGAN]
    assert [(row["name"], row["first_source"], row["last_source"]) for row in rows] == [
        ("KRANGGAN", "administratif-indonesia 0.2.0", "idn-area-data 4.0.1")
    ]


def test_every_district_of_today() -> None:
    """If this fails, a district valid now would be called unknown in a NIK."""
    assert regions("kecamatan").keys() - {row["code"] for row in history()} == set()


@pytest.mark.parametrize(("code", "name"), WITHDRAWN.items())
def test_withdrawn_codes_stay(code: str, name: str) -> None:
    """If this fails, people registered in Papua before its split are told that their NIK is wrong."""
    assert code not in regions("kecamatan")
    assert {row["code"]: row["name"] for row in history()}.get(code) == name


@pytest.mark.parametrize("code", NEVER_LISTED)
def test_nothing_invented(code: str) -> None:
    """If this fails, a code that no list used here contains would pass as a valid prefix."""
    assert code not in {row["code"] for row in history()}


def test_only_papua_lost_codes() -> None:
    """If this fails, the README's account of which withdrawn codes are covered is no longer true."""
    newest = list(sources())[-1]
    withdrawn = [row["code"] for row in history() if row["last_source"] != newest]
    assert {code[:2] for code in withdrawn} == {"91", "92"}
    readme = (REFERENCE / "README.md").read_text(encoding="utf-8")
    assert f"{len(history()):,} codes, {len(withdrawn)} of them withdrawn" in readme


def test_provenance_adds_up() -> None:
    """If this fails, nobody can say which published list makes a prefix valid."""
    order = {name: place for place, name in enumerate(sources())}
    spans = [(order[row["first_source"]], order[row["last_source"]]) for row in history()]
    assert all(first <= last for first, last in spans)
    listed = {name: sum(first <= place <= last for first, last in spans) for name, place in order.items()}
    assert listed == sources()
    assert len(listed) == 7


def test_the_builder_pins_the_same_sources() -> None:
    """If this fails, rebuilding the table would use other packages than those whose licence was checked."""
    builder = (REFERENCE / "build_regions_history.sh").read_text(encoding="utf-8")
    pinned = dict(re.findall(r'^    "([\w-]+ [\d.]+)": \(\w+, "MIT", (\d+)\),$', builder, re.MULTILINE))
    assert {name: int(count) for name, count in pinned.items()} == sources()
