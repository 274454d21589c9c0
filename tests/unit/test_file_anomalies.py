"""Findings about whole files (BRK-04 to BRK-07): what is returned, what is cleaned and told, and what is left alone."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from office_kit.files import Row, csv_text, write, write_csv
from office_kit.memory import contract
from office_kit.residents import born, nik_of, resident

from tasks.errors import Exit, UserError
from tasks.normalise import normalise
from tasks.read import Anomaly, read_extract
from tasks.read.anomalies import file_anomalies
from tasks.read.extract import Extract, Layout, no_rejects


def anomalies(rows: list[Row], lines: dict[str, int] | None = None) -> dict[str, list[tuple[int, str]]]:
    frame = contract(rows)
    named = {"judul": 1, **(lines or {})}
    layout = Layout("uji", 1, {}, lines=named)
    found: dict[str, list[tuple[int, str]]] = {}
    for anomaly in file_anomalies(Extract("uji.csv", layout, frame, no_rejects(), frame.height + sum(named.values()))):
        found.setdefault(anomaly.code, []).append((anomaly.count, anomaly.told))
    return found


def people(count: int, damaged: int, damage: object) -> list[Row]:
    """Residents whose NIKs end in 1, of whom some are damaged."""
    rows = [resident(10 * n + 1) for n in range(count)]
    return [
        {**row, "NIK": damage(str(row["NIK"]))} if at < damaged else row  # type: ignore[operator]
        for at, row in enumerate(rows)
    ]


DAMAGES = {
    "ends in 0": lambda nik: nik[:-1] + "0",
    "scientific": lambda nik: f"{nik[0]},{nik[1:6]}E+15",
    "scientific with a point": lambda nik: f"{nik[0]}.{nik[1:6]}e15",
    "15 digits": lambda nik: nik[:-1],
    "13 digits": lambda nik: nik[3:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_niks_kept_as_numbers_send_the_file_back(damage: str) -> None:
    """If this fails, a file in which Excel changed every NIK is worked on: findings about other people."""
    rows = people(12, 4, DAMAGES[damage])
    with pytest.raises(UserError) as caught:
        anomalies(rows)
    error = caught.value
    assert error.exit_code is Exit.FILE
    assert "4 dari 12" in str(error)
    assert "33 %" in str(error)
    assert "BRK-04" in str(error)
    assert not [row for row in rows if str(row["NIK"]) in str(error)]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize(("count", "damaged"), [(12, 3), (9, 9)])
def test_a_few_damaged_niks_are_findings_about_people(damage: str, count: int, damaged: int) -> None:
    """If this fails, one mistyped NIK, or a small file, sends the whole letter back."""
    found = anomalies(people(count, damaged, DAMAGES[damage]))
    told = [number for number, _ in found.get("BRK-04", [])]
    assert told == ([] if damage == "ends in 0" else [damaged])


def test_missing_niks_are_not_counted() -> None:
    """If this fails, empty NIKs thin out the damaged ones until nobody notices."""
    rows = (
        people(12, 4, DAMAGES["15 digits"]) + [resident(n, NIK=nik) for n, nik in ((5, None), (6, "-"), (7, "0"))] * 9
    )
    with pytest.raises(UserError, match="4 dari 12"):
        anomalies(rows)


def test_a_file_of_numbers_is_refused_on_the_way_in(tmp_path: Path) -> None:
    """If this fails, the check exists and nobody calls it."""
    path = write_csv(tmp_path / "a.csv", people(12, 12, DAMAGES["ends in 0"]))
    with pytest.raises(UserError, match=r"a\.csv, kolom NIK"):
        read_extract(path, tmp_path)


MARKS = ["{}\u00a0", "\u200b{}", "\ufeff{}", "\t{}", "'{}", " '{} ", "{}\u200e", "\u2060{}"]


@pytest.mark.parametrize("mark", MARKS)
def test_hidden_marks_are_cleaned_and_told(mark: str) -> None:
    """If this fails, one person is two because of a mark nobody sees, or cleaning is not recorded (BRK-05)."""
    person = resident(1)
    rows = [{**person, "NIK": mark.format(person["NIK"]), "NO_KK": mark.format(person["NO_KK"])}, resident(2)]
    assert anomalies(rows)["BRK-05"] == [
        (2, "sel nomor dengan karakter tak tampak atau apostrof; dibersihkan otomatis")
    ]
    assert normalise(contract(rows)).select("nik", "no_kk").row(0) == (person["NIK"], person["NO_KK"])


def test_marks_inside_a_number_are_left() -> None:
    """If this fails, digits are glued together by guessing."""
    nik = str(resident(1)["NIK"])
    rows = [resident(1, NIK=nik[:6] + "\u00a0" + nik[6:]), resident(2, NIK=f" {resident(2)['NIK']} ")]
    (found,) = anomalies(rows)["BRK-05"]
    assert found[0] == 1
    assert "tidak diubah" in found[1]
    assert normalise(contract(rows))["nik"][0] == nik[:6] + "\u00a0" + nik[6:]


def test_lines_that_are_no_residents_are_told() -> None:
    """If this fails, the receipt hides that lines of the file were left out (BRK-06)."""
    found = anomalies([resident(1)], {"baris kosong": 3, "judul berulang": 2})
    told = "baris bukan penduduk; dilewati, dihitung (3 baris kosong, 2 judul berulang)"
    assert found["BRK-06"] == [(5, told)]
    assert "BRK-06" not in anomalies([resident(1)])


def test_a_repeated_header_is_told_by_the_file_itself(tmp_path: Path) -> None:
    """If this fails, the reader's words for its lines and the anomaly's no longer meet."""
    text = csv_text([resident(1)]) + csv_text([resident(2)]) + "\n"
    found = {anomaly.code: anomaly for anomaly in read_extract(write(tmp_path / "a.csv", text), tmp_path).anomalies}
    assert isinstance(found["BRK-06"], Anomaly)


def serial(day: date) -> str:
    return str((day - date(1899, 12, 30)).days)


def test_dates_that_can_be_misread_are_told() -> None:
    """If this fails, serials, short years and American dates pass without a word (BRK-07)."""
    rows = [
        resident(1, TGL_LHR=serial(born(resident(1))), TGL_ENTRI="41000.0"),
        resident(2, TGL_LHR="11-04-80"), resident(3, TGL_LHR="1/4/80"),
        resident(4, TGL_LHR="04/13/1980"), resident(5, TGL_LHR="99999"),
    ]  # fmt: skip
    found = anomalies(rows)["BRK-07"]
    assert [count for count, _ in found] == [2, 2, 1]
    assert ["seri Excel" in told for _, told in found] == [True, False, False]
    assert [d.isoformat() if d else None for d in normalise(contract(rows))["tgl_lhr"]] == [
        resident(1)["TGL_LHR"], None, None, None, None]  # fmt: skip


@pytest.mark.parametrize("style", ["%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d"])
def test_swapped_dates_are_counted_against_the_nik_and_never_swapped(style: str) -> None:
    """If this fails, days and months are exchanged silently, or nobody hears that the sender exchanged them."""
    swapped = {"%d/%m/%Y": "%m/%d/%Y", "%d-%m-%Y": "%m-%d-%Y", "%Y-%m-%d": "%Y-%d-%m"}[style]
    days = [date(1990, 3, 1) + timedelta(days=n) for n in range(10)]
    rows = [
        resident(n, JENIS_KLMIN="12"[n % 2], NIK=nik_of(day, "12"[n % 2], 9001 + n),
                 TGL_LHR=day.strftime(swapped if n < 4 else style))
        for n, day in enumerate(days)
    ]  # fmt: skip
    (found,) = anomalies(rows)["BRK-07"]
    assert found[0] == 3, "1 Maret ditukar; 3 Maret tetap 3 Maret"
    assert "(7 cocok" in found[1]
    assert normalise(contract(rows))["tgl_lhr"].to_list()[1] == date(1990, 2, 3)


@pytest.mark.parametrize("digit", ["\u0661", "\uff11", "\u0967"])
def test_digits_of_other_scripts_are_left_to_the_rules(digit: str) -> None:
    """If this fails, one Arabic digit in a date or NIK stops the whole letter, and its cells stand in a traceback."""
    person = resident(1)
    born_text = f"{digit}{digit}-0{digit}-1980"
    rows = [
        {**person, "TGL_LHR": born_text}, {**person, "TGL_LHR": f"1980-0{digit}-{digit}2"},
        {**person, "NIK": str(person["NIK"]).replace("1", digit)}, {**person, "TGL_ENTRI": f"4100{digit}"},
    ]  # fmt: skip
    assert anomalies(rows) == {}
    typed = normalise(contract(rows))
    assert typed["tgl_lhr"].to_list()[:2] == [None, None]
    assert typed["tgl_lhr_raw"][0] == born_text
    assert typed["nik"][2] == rows[2]["NIK"]
    assert typed["tgl_entri"][3] is None


def test_a_clean_file_has_no_anomaly() -> None:
    """If this fails, every receipt cries wolf."""
    assert anomalies([resident(n) for n in range(40)]) == {}


def test_a_frame_without_any_date_is_no_fault() -> None:
    """If this fails, a BIP print without marriage dates stops the inbox."""
    frame = contract([resident(1)]).with_columns(tgl_lhr=pl.lit(None, pl.String), nik=pl.lit(None, pl.String))
    extract = Extract("uji.csv", Layout("uji", 1, {}), frame, no_rejects(), 1)
    assert file_anomalies(extract) == ()
