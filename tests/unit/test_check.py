"""`sinkron check`: the same reader and rules as the SOP, without server, store or trace."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from office_kit.files import write_csv
from office_kit.residents import again, resident
from office_kit.samples import BASELINE, EXTRACTS

from flows.cli import main
from tasks.check import FINDINGS, REJECTED

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "sample.json").read_text(encoding="utf-8"))
AS_OF = ("--as-of", "2026-10-06")


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = main(["check", *map(str, words)])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "bersih.csv", [resident(n, GOL_DRH="13") for n in (2, 3)])


def test_a_clean_file_is_exit_0(clean: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, a data engineer's script stops for a file without faults."""
    code, out, err = run(capsys, clean, *AS_OF)
    assert (code, err) == (0, "")
    assert "0 temuan" in out


def test_the_sample_gives_what_the_sop_finds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, `check` promises a data engineer something else than the run will find."""
    out = tmp_path / "temuan.parquet"
    code, told, _ = run(capsys, *EXTRACTS, "--baseline", BASELINE, *AS_OF, "--out", out)
    found = pl.read_parquet(out)
    assert code == 1
    assert found.schema == pl.Schema(FINDINGS)
    rows = found.drop_nulls("row")
    assert dict(rows.group_by("code").len().iter_rows()) == GOLDEN["validate"]["rules"]
    assert rows.select("file", "row").n_unique() == GOLDEN["validate"]["rows"]
    assert f"{found.height} temuan pada {GOLDEN['validate']['rows']} baris" in told


def test_no_resident_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, a NIK leaves the office on a terminal or in a list that is mailed around (promise 5)."""
    out = tmp_path / "temuan.csv"
    _, told, _ = run(capsys, *EXTRACTS, "--baseline", BASELINE, *AS_OF, "--out", out)
    people = pl.read_csv(EXTRACTS[0], separator=";", infer_schema=False)
    told += out.read_text(encoding="utf-8")
    assert not [nik for nik in people["NIK"].drop_nulls().unique() if len(nik) > 9 and nik in told]
    assert not [name for name in people["NAMA_LGKP"].drop_nulls().unique() if len(name) > 9 and name in told]


@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet"])
def test_rows_are_those_of_the_editor(tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str) -> None:
    """If this fails, people look for an error in the wrong line."""
    rows = [resident(2), resident(3, NAMA_LGKP="S1TI AMINAH"), resident(4)]
    path, out = write_csv(tmp_path / "satu.csv", rows), tmp_path / f"temuan{suffix}"
    path.write_text(
        path.read_text(encoding="utf-8").replace("S1TI", "\nS1TI".strip()) + "rusak;baris\n", encoding="utf-8"
    )
    assert run(capsys, path, *AS_OF, "--out", out)[0] == 1
    read = {".csv": pl.read_csv, ".json": pl.read_json, ".parquet": pl.read_parquet}[suffix](out)
    found = {(row["code"], row["row"], row["severity"]) for row in read.iter_rows(named=True)}
    assert ("ANM-NAM-02", 3, "ERROR") in found
    assert (REJECTED, 5, "ERROR") in found


def test_all_problems_of_all_files_at_once(tmp_path: Path, clean: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, a file is mended and sent back once per fault."""
    bad, other = tmp_path / "a.csv", tmp_path / "b.pdf"
    bad.write_text("NIK;NAMA;HOBI\n1;A;B\n", encoding="utf-8")
    other.write_bytes(b"%PDF-1.7")
    code, out, err = run(capsys, bad, clean, other, "--out", tmp_path / "x.csv")
    assert (code, out) == (4, "")
    assert "a.csv, kolom 3: judul kolom tidak dikenal" in err
    assert "b.pdf" in err
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize(("words", "code"), [
    (("tidak-ada.csv",), 2), (("{clean}", "--out", "x.xlsx"), 2), (("{clean}", "--as-of", "kemarin"), 2),
    (("{clean}", "--out", "/tidak/ada/x.csv"), 2), (("{clean}", "--thresholds", "{bad}"), 8), ((), 2),
])  # fmt: skip
def test_wrong_use_is_told(
    clean: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int
) -> None:
    """If this fails, a typing error looks like a finding, or ends in a traceback."""
    bad = tmp_path / "ambang.toml"
    bad.write_text("household_max = 3\numur = 9\n", encoding="utf-8")
    filled = [word.format(clean=clean, bad=bad) for word in words]
    try:
        got = run(capsys, *filled)[0]
    except SystemExit as stop:  # argparse
        got = int(str(stop.code))
    assert got == code


def test_thresholds_of_the_kabid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, the Kabid's ages are ignored, or a wrong number is believed."""
    person = resident(110)
    old = write_csv(tmp_path / "satu.csv", [again(person, JENIS_PKRJN="3", PDDK_AKH="5")])
    limits = tmp_path / "ambang.toml"
    limits.write_text("student_max_age = 25\n", encoding="utf-8")
    found = {value: run(capsys, old, *AS_OF, *given)[1] for value, given in
             (("default", ()), ("mine", ("--thresholds", limits)))}  # fmt: skip
    age = 2026 - int(str(person["TGL_LHR"])[:4])
    assert 26 < age < 40, "contoh ini harus di antara kedua ambang"
    assert "ANM-PKJ-02" not in found["default"]
    assert "ANM-PKJ-02" in found["mine"]


def test_families_are_judged_only_when_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, every suspicious member of a list counts as a family without head."""
    lone = write_csv(tmp_path / "satu.csv", [resident(2, STAT_HBKEL="9")])
    code, out, _ = run(capsys, lone, *AS_OF)
    assert code == 0
    assert "--whole-families" in out
    code, out, _ = run(capsys, lone, *AS_OF, "--whole-families")
    assert code == 1
    assert "ANM-KEL-07" in out


def test_lists_of_the_dead_and_the_moved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, a deceased voter stays unnoticed although the office gave the list."""
    path, listed = write_csv(tmp_path / "satu.csv", [resident(2)]), tmp_path / "mati.csv"
    listed.write_text(f"NIK,TANGGAL\n{resident(2)['NIK']},2026-01-01\n", encoding="utf-8")
    assert "ANM-HDP-01" in run(capsys, path, *AS_OF, "--deaths", listed)[1]
    assert "ANM-HDP-02" in run(capsys, path, *AS_OF, "--moves", listed)[1]
    listed.write_text("NIK\n357602\n", encoding="utf-8")
    code, _, err = run(capsys, path, *AS_OF, "--deaths", listed)
    assert code == 3
    assert "baris 2" in err


def test_nothing_is_left_behind(clean: Path, tmp_path: Path) -> None:
    """If this fails, a quick check leaves residents' data in a folder nobody guards."""
    (tmp_path / "sementara").mkdir()
    places = {"SINKRON_HOME": str(tmp_path / "kantor"), "TMPDIR": str(tmp_path / "sementara"), "HOME": str(tmp_path)}
    before = sorted(tmp_path.rglob("*"))
    command = [sys.executable, "-m", "flows.cli", "check", str(clean), *AS_OF]
    done = subprocess.run(command, env=os.environ | places, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert sorted(tmp_path.rglob("*")) == before
