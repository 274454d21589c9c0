"""The engines: how each is started on a set, and on which sets it is worth starting.

An engine is a command that reads the set's file or files and writes into a folder pairs.parquet (left_row, right_row,
probability, perhaps band), perhaps clusters.parquet (row, cluster) and note.json ({"candidates": number}).
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.linkage.data import FEBRL, Data
from bench.linkage.metrics import OWN_THRESHOLD

SINKRON = "Sinkron"
LABELLED = "Sinkron with 200 labels"
PREPARED = "Sinkron, prepared baseline"
SPLINK, SPLINK_EXPERT = "Splink 5 as documented", "Splink 5 expert"
RECORDLINKAGE, RECORDLINKAGE_MANY = "recordlinkage as documented", "recordlinkage many blocks"
DEDUPE = "dedupe 3 with 50 labels"
# Chosen with the truth of the 100,000 set, on which the expert set-up has its highest F1 with it.
EXPERT_THRESHOLD = 0.9996
# The most rows a peer is started on: above it, it is known not to end in time.
UP_TO = {
    LABELLED: 1_300_000,
    SPLINK: 1_300_000,
    SPLINK_EXPERT: 1_300_000,
    RECORDLINKAGE: 1_300_000,
    RECORDLINKAGE_MANY: 1_300_000,
}


@dataclass(frozen=True)
class Engine:
    """A name of the report, the peer's module and set-up; no module: the public command `sinkron link`."""

    name: str
    module: str = ""
    config: str = ""

    def command(self, data: Data, out: Path) -> list[str]:
        """The command line on this set."""
        other = prepared(data) if self.config == "prepared" else data.baseline
        files = [str(data.people), *([str(other)] if other else [])]
        if self.module:
            return [sys.executable, "-m", "bench.linkage.peer", self.module, self.config, data.model, str(out), *files]
        against = ["--against", files[1]] if data.baseline else []
        clusters = [] if data.baseline else ["--clusters", str(out / "clusters.parquet")]
        return [
            sinkron(),
            "link",
            files[0],
            *against,
            "--model",
            data.model,
            "--pairs",
            str(out / "pairs.parquet"),
            *clusters,
        ]

    def preparation(self, data: Data) -> list[str]:
        """What is done once per baseline, before the clock of the run starts; nothing for most."""
        if self.config != "prepared":
            return []
        return [sinkron(), "prepare", str(data.baseline), "--model", data.model, "--to", str(prepared(data))]

    def threshold(self, data: Data) -> float:
        """The probability from which this engine's user takes a pair for one person."""
        return EXPERT_THRESHOLD if self.name == SPLINK_EXPERT and data.model == "penduduk" else OWN_THRESHOLD

    def runs_on(self, data: Data) -> bool:
        """Whether the engine is started on the set at all."""
        if self.name == PREPARED:
            return data.split
        if self.name == DEDUPE:
            return data.name in FEBRL
        return data.rows <= UP_TO.get(self.name, data.rows)


def prepared(data: Data) -> Path:
    """Where a prepared baseline lies."""
    return data.folder / "prepared"


def sinkron() -> str:
    """The public command beside this Python, else the one on the path."""
    beside = Path(sys.executable).parent / "sinkron"
    return str(beside) if beside.exists() else shutil.which("sinkron") or "sinkron"


ENGINES = (
    Engine(SINKRON),
    Engine(PREPARED, config="prepared"),
    Engine(LABELLED, "sinkron", "labelled"),
    Engine(SPLINK, "splink", "idiomatic"),
    Engine(SPLINK_EXPERT, "splink", "expert"),
    Engine(RECORDLINKAGE, "recordlinkage", "documented"),
    Engine(RECORDLINKAGE_MANY, "recordlinkage", "many"),
    Engine(DEDUPE, "dedupe", "labelled"),
)
