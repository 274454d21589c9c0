"""`sinkron link` and `sinkron prepare`: the matcher on anybody's files, without an office."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from office_kit.files import write, write_csv
from office_kit.residents import again, resident

from flows.cli import main

PAIRS = {"left_row": pl.Int64, "right_row": pl.Int64, "weight": pl.Float64, "probability": pl.Float64,
         "band": pl.String}  # fmt: skip
PEOPLE = [resident(n) for n in range(1, 81)]
AGAIN = [again(PEOPLE[n], ALAMAT="JL LAIN NO 9", NO_KK=f"357601140612{9500 + n}") for n in (3, 17, 40)]
TYPO = again(PEOPLE[60], NAMA_LGKP=f"{PEOPLE[60]['NAMA_LGKP']}H", NIK=None)
TRUE = {(3, 80), (17, 81), (40, 82), (60, 83)}


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "warga.csv", [*PEOPLE, *AGAIN, TYPO])


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    try:
        code = main([str(word) for word in words])
    except SystemExit as stop:  # argparse
        code = int(str(stop.code))
    told = capsys.readouterr()
    return code, told.out, told.err


def matched(path: Path) -> set[tuple[int, int]]:
    pairs = pl.read_parquet(path).filter(pl.col("band") != "none")
    return set(pairs.select("left_row", "right_row").iter_rows())


def test_one_file_gives_pairs_and_clusters(people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, the tool finds other people than those who are twice in the file, or names them by wrong rows."""
    pairs, clusters = tmp_path / "p.parquet", tmp_path / "k.parquet"
    code, out, err = run(capsys, "link", people, "--pairs", pairs, "--clusters", clusters)
    assert (code, err) == (0, "")
    found, groups = pl.read_parquet(pairs), pl.read_parquet(clusters)
    assert dict(list(found.schema.items())[:5]) == PAIRS
    assert dict(groups.schema) == {"row": pl.Int64, "cluster": pl.Int64}
    assert matched(pairs) == TRUE
    assert groups["row"].to_list() == list(range(84))
    assert dict(groups.filter(pl.col("row") != pl.col("cluster")).iter_rows()) == {80: 3, 81: 17, 82: 40, 83: 60}
    assert found["probability"].is_between(0, 1).all()
    assert out.startswith("84 rekaman; ")
    assert len(out.splitlines()) == 1
    assert {path.stat().st_mode & 0o777 for path in (pairs, clusters)} == {0o600}


def test_the_same_bytes_again_and_from_every_format(
    people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, an auditor who repeats the run cannot say that it is the same result."""
    table = pl.read_csv(people, separator=";", infer_schema=False)
    table.write_parquet(tmp_path / "warga.parquet")
    made = []
    for at, source in enumerate([people, people, tmp_path / "warga.parquet"]):
        assert run(capsys, "link", source, "--pairs", tmp_path / f"{at}.parquet")[0] == 0
        made.append((tmp_path / f"{at}.parquet").read_bytes())
    assert made[0] == made[1] == made[2]


def test_csv_results_hold_the_same(people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, the office that has no Parquet reader gets another answer."""
    run(capsys, "link", people, "--pairs", tmp_path / "p.parquet")
    assert run(capsys, "link", people, "--pairs", tmp_path / "p.csv")[0] == 0
    parquet = pl.read_parquet(tmp_path / "p.parquet")
    assert pl.read_csv(tmp_path / "p.csv", schema=parquet.schema).equals(parquet)


def test_a_second_file_prepared_or_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, an extract is judged otherwise against a prepared register than against its file."""
    extract, register = tmp_path / "x.csv", tmp_path / "dasar.csv"
    write_csv(extract, [*AGAIN, TYPO]), write_csv(register, PEOPLE)
    code, out, _ = run(capsys, "prepare", register, "--to", tmp_path / "siap")
    assert code == 0
    assert out.startswith("80 rekaman")
    made = {}
    for name in ("dasar.csv", "siap"):
        code, *_ = run(capsys, "link", extract, "--against", tmp_path / name, "--pairs", tmp_path / "p.parquet",
                       "--clusters", tmp_path / "k.parquet", "--ask", 4, tmp_path / "t.csv")  # fmt: skip
        assert code == 0
        assert matched(tmp_path / "p.parquet") == {(0, 3), (1, 17), (2, 40), (3, 60)}
        made[name] = [(tmp_path / each).read_bytes() for each in ("p.parquet", "k.parquet", "t.csv")]
    assert made["dasar.csv"] == made["siap"]
    assert pl.read_parquet(tmp_path / "k.parquet").columns == ["row", "cluster", "side"]
    modes = {path.is_dir(): path.stat().st_mode & 0o777 for path in (tmp_path / "siap").rglob("*")}
    assert modes == {True: 0o700, False: 0o600}
    assert (tmp_path / "siap").stat().st_mode & 0o777 == 0o700


def test_a_prepared_folder_of_something_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, records are compared with keys of another model, and nobody matches."""
    extract = write_csv(tmp_path / "x.csv", PEOPLE[:9])
    run(capsys, "prepare", extract, "--to", tmp_path / "siap")
    assert run(capsys, "prepare", extract, "--to", tmp_path / "siap")[0] == 2
    model = write(tmp_path / "lain.toml", _shipped("penduduk").replace("cap = 6", "cap = 5"))
    words = ["link", extract, "--pairs", tmp_path / "p.parquet", "--against"]
    told = {"model": run(capsys, *words, tmp_path / "siap", "--model", model)}
    marker = tmp_path / "siap" / "sinkron-prepared.json"
    marker.write_text(marker.read_text().replace('"model": "penduduk"', '"model": "febrl"'))
    told["name"] = run(capsys, *words, tmp_path / "siap")
    marker.write_text(marker.read_text().replace('"model": "febrl"', '"model": "penduduk"'))
    (tmp_path / "siap" / "ready" / "0.npy").write_bytes(b"")
    told["damaged"] = run(capsys, *words, tmp_path / "siap")
    for code, _, err in told.values():
        assert code == 3
        assert "sinkron prepare" in err
    assert run(capsys, *words, tmp_path)[0] == 2


def test_labels_rule_and_a_wrong_row_does_not(people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, what staff decided is asked again next month, or is overruled by a number."""
    labels = write(tmp_path / "l.csv", "left_row,right_row,same\n80,3,tidak\n17,81,ya\n")
    clusters = tmp_path / "k.parquet"
    words = ["link", people, "--pairs", tmp_path / "p.parquet", "--clusters", clusters, "--labels", labels]
    assert run(capsys, *words)[0] == 0
    joined = dict(pl.read_parquet(clusters).filter(pl.col("row") != pl.col("cluster")).iter_rows())
    assert 80 not in joined
    assert joined[81] == 17
    write(labels, "left_row,right_row,same\n80,300,tidak\n")
    code, out, err = run(capsys, *words)
    assert (code, out) == (3, "")
    assert "baris 2" in err


def test_asked_pairs_come_back_as_labels(people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, the file that staff fill in is not the file that the tool reads."""
    pairs, ask = tmp_path / "p.parquet", tmp_path / "tanya.csv"
    assert run(capsys, "link", people, "--pairs", pairs, "--ask", 3, ask)[0] == 0
    asked = pl.read_csv(ask, infer_schema=False)
    assert asked.height == 3
    assert asked.columns[:3] == ["left_row", "right_row", "same"]
    assert not {"probability", "weight", "band"} & set(asked.columns)
    for left, right, one in asked.select("left_row", "right_row", "nama_lgkp_kiri").iter_rows():
        assert (int(left), int(right)) in TRUE
        assert one == PEOPLE[int(left)]["NAMA_LGKP"]
    assert ask.stat().st_mode & 0o777 == 0o600
    asked.with_columns(same=pl.lit("Ya")).write_csv(ask, separator=";")
    assert run(capsys, "link", people, "--pairs", pairs, "--explain", 2)[0] == 0
    assert "Seberapa benar peluang model" not in pairs.with_suffix(".html").read_text(encoding="utf-8")
    assert run(capsys, "link", people, "--pairs", pairs, "--labels", ask, "--explain", 2)[0] == 0
    page = pairs.with_suffix(".html").read_text(encoding="utf-8")
    assert "Seberapa benar peluang model" in page
    assert page.count("<svg") == 3  # the chart of the answers and one per pair


def test_explanations_in_words_and_values_on_the_page_only(
    people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, a name or NIK stands on a terminal, or a Kasi cannot see why two records are one person."""
    code, out, err = run(capsys, "link", people, "--pairs", tmp_path / "p.parquet", "--explain", 3)
    assert (code, err) == (0, "")
    assert len(re.findall(r"^left_row \d+, right_row \d+: .*nama", out, re.MULTILINE)) == 3
    values = {str(value) for person in PEOPLE for name, value in person.items()
              if name in {"NIK", "NO_KK", "NAMA_LGKP", "NAMA_LGKP_IBU", "TGL_LHR"}}  # fmt: skip
    assert not [value for value in values if value in out]
    page = tmp_path / "p.html"
    assert page.stat().st_mode & 0o777 == 0o600
    assert any(str(PEOPLE[left]["NAMA_LGKP"]) in page.read_text(encoding="utf-8") for left, _ in TRUE)


@pytest.mark.parametrize(("words", "told"), [
    (("--pairs", "p.xlsx"), 1), (("--pairs", "tidak/ada/p.csv"), 1), (("--pairs", "warga.csv"), 1),
    (("--pairs", "p.csv", "--clusters", "p.csv"), 1), (("--pairs", "p.json", "--clusters", "tidak/k.csv"), 2),
    (("--pairs", "p.csv", "--ask", "0", "t.csv"), 1), (("--pairs", "p.csv", "--ask", "9", "t.xlsx"), 1),
    (("--pairs", "p.csv", "--model", "tidak-ada"), 1), (("--pairs", "./p.csv", "--labels", "p.csv"), 1),
    (("--pairs", "p.csv", "--explain", "0"), 1), (("--pairs", "p.csv", "--ask", "9"), 1), ((), 1),
    (("--pairs", "p.csv", "--against", "tidak.csv"), 1), (("--pairs", ".", "--explain", "3"), 2),
    (("--pairs", "p.txt", "--model", "x", "--ask", "0", "t.csv"), 3),
])  # fmt: skip
@pytest.mark.usefixtures("inside")
def test_wrong_use_is_told_before_the_work(
    people: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: int
) -> None:
    """If this fails, an hour's work ends at a folder that does not exist, or an input is overwritten."""
    before = people.read_bytes()
    code, out, err = run(capsys, "link", people, *words)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == told
    assert people.read_bytes() == before
    assert [path.name for path in people.parent.iterdir()] == ["warga.csv"]


def test_files_that_cannot_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, an empty answer looks like "no duplicates"."""
    one = write(tmp_path / "a.csv", "NIK,HOBI\n12,X\n")
    two = write(tmp_path / "b.csv", "NAMA,ALAMAT\nA,B\n")
    code, _, err = run(capsys, "link", one, "--against", two, "--pairs", tmp_path / "p.csv")
    assert code == 4
    assert len(err.splitlines()) == 2
    broken = write(tmp_path / "c.csv", "NAMA,ALAMAT\nA\n")
    code, _, err = run(capsys, "link", broken, "--against", tmp_path / "x.pdf", "--pairs", tmp_path / "p.csv")
    assert code == 3
    assert len(err.splitlines()) == 2


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_any_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: int) -> None:
    """If this fails, a village without a second record gets a traceback instead of "none"."""
    small = write_csv(tmp_path / "a.csv", PEOPLE[:rows])
    code, out, err = run(capsys, "link", small, "--pairs", tmp_path / "p.parquet", "--clusters", tmp_path / "k.parquet",
                         "--explain", 5, "--ask", 5, tmp_path / "t.csv")  # fmt: skip
    assert (code, err) == (0, "")
    assert f"{rows} rekaman" in out
    assert pl.read_parquet(tmp_path / "p.parquet").height == 0
    assert pl.read_parquet(tmp_path / "k.parquet").height == rows


def test_progress_on_a_terminal_only(people: Path, tmp_path: Path) -> None:
    """If this fails, a log fills with percentages, or a person waits before an empty screen."""
    command = [sys.executable, "-m", "flows.cli", "link", str(people), "--pairs", str(tmp_path / "p.parquet")]
    silent = subprocess.run(command, capture_output=True, check=True)
    assert silent.stderr == b""
    terminal, end = pty.openpty()
    shown = subprocess.run(command, stdout=subprocess.PIPE, stderr=end, check=True)
    os.close(end)
    told = os.read(terminal, 1 << 16).decode()
    os.close(terminal)
    assert "membaca berkas 0%" in told
    assert "\n" not in told
    assert told.endswith("\r\x1b[K")
    assert shown.stdout == silent.stdout


def _shipped(name: str) -> str:
    from importlib.resources import files

    return (files("expectations.matching") / f"{name}.toml").read_text("utf-8")


def test_answers_that_contradict_each_other_through_others_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, one of two answers of the office is broken without a word, and nobody knows which."""
    extract = write_csv(tmp_path / "x.csv", PEOPLE[:9])
    labels = tmp_path / "jawab.csv"
    labels.write_text("left_row,right_row,same\n0,1,ya\n1,2,ya\n0,2,tidak\n")
    code, out, err = run(capsys, "link", extract, "--pairs", tmp_path / "p.parquet", "--labels", labels)
    assert (code, out) == (3, "")
    assert "baris 4" in err
    assert not (tmp_path / "p.parquet").exists()


def test_a_family_print_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, the family lines of a BIP print are linked as if they were residents."""
    bip = Path(__file__).resolve().parents[2] / "data" / "samples" / "bip_kranggan_2026.xlsx"
    code, _, err = run(capsys, "link", bip, "--pairs", tmp_path / "p.parquet")
    assert code == 3
    assert "BIP" in err
