"""Linking whose parts are worked on by other processes gives what one process gives, bit for bit."""

import logging
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # bench is no installed package

from bench.population import Population, Settings, generate
from bench.population import second as second_model
from expectations.matching import MatchingModel, shipped
from flows import settings, steps
from flows.cli import main
from flows.guarded import StepFailedError
from tasks.errors import Exit, UserError
from tasks.load import load, load_baseline
from tasks.office import Office
from tasks.receive import receive
from tasks.resolve import index
from tasks.resolve.dask_fan import DaskFan, connected
from tasks.resolve.link import Linked, Steering, link
from tasks.resolve.workers import Fan
from tasks.steps import find
from tasks.store import open_store
from tasks.validate import Terms, validate

Item = TypeVar("Item")
Made = TypeVar("Made")
EXTRACT = 400
TABLES = ("pairs", "pair_reasons", "clusters")
NAME = "MELATI WIJAYA"


@cache
def people(name: str) -> pl.DataFrame:
    made: Callable[[Settings], Population] = {"first": generate, "second": second_model.generate}[name]
    return made(Settings(1500, duplicates=0.15, twins=0.04, parents_missing=(0.15, 0.25), seed=4)).people


def model(cap: int = 8) -> MatchingModel:
    """The shipped one, fitted on fewer pairs than there are, and with blocks that are split more often."""
    made = shipped()
    return replace(made, fit=replace(made.fit, sample=200), blocking=replace(made.blocking, cap=cap))


@cache
def here(name: str, *, against: bool = False) -> Linked:
    return linked(name, None, against=against)


def linked(name: str, fan: Fan | None, *, against: bool = False) -> Linked:
    records, labels = people(name), None
    if not against:
        labels = pl.DataFrame({"left_row": [1, 2, 5], "right_row": [7, 9, 800], "same": [True, False, True]})
    left, right = (records[:EXTRACT], records[EXTRACT:]) if against else (records, None)
    return link(left, right, model(), Steering(labels=labels, fan=fan, parts=7))


def assert_same(one: Linked, other: Linked) -> None:
    assert one.pairs.equals(other.pairs)
    assert one.clusters.equals(other.clusters)
    assert one.by_model.equals(other.by_model)
    assert one.candidates == other.candidates
    assert np.array_equal(one.vectors, other.vectors)
    assert np.array_equal(one.classifier.prior, other.classifier.prior)


class Posted:
    """Works on every part here, as if it had come by post; keeps how many there were and how large they are."""

    def __init__(self) -> None:
        self.bytes: list[int] = []

    def each(self, function: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
        for item in items:
            posted = pickle.dumps(item)
            self.bytes.append(len(posted))
            yield pickle.loads(pickle.dumps(function(pickle.loads(posted))))  # noqa: S301 (our own)


@pytest.mark.parametrize("records", [20, 300, 1 << 20])
@pytest.mark.parametrize("name", ["first", "second"])
def test_parts_hold_all_they_need(monkeypatch: pytest.MonkeyPatch, name: str, records: int) -> None:
    """If this fails, a block that was cut apart, or a record counted otherwise, gives other duplicates elsewhere."""
    monkeypatch.setattr(index, "PART_RECORDS", records)
    posted = Posted()
    assert_same(linked(name, posted), here(name))
    assert len(posted.bytes) > (100 if records == 20 else 7)


def test_linking_with_a_register_elsewhere() -> None:
    """If this fails, an extract linked with the register on a cluster gives other duplicates."""
    assert_same(linked("first", Posted(), against=True), here("first", against=True))


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Two real worker processes of this machine."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as running:
        running.wait_for_workers(2, timeout=120)
        yield str(running.scheduler_address)


def test_two_processes_give_the_same(cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a province that needs more than one machine approves other duplicates than one machine finds."""
    monkeypatch.setattr(index, "PART_RECORDS", 300)
    with connected(cluster) as fan:
        assert fan is not None
        assert len(set(fan.each(worker_of, range(40)))) == 2
        for name in ("first", "second"):
            assert_same(linked(name, fan), here(name))
        assert_same(linked("first", fan, against=True), here("first", against=True))


def worker_of(_: int) -> int:
    """The process that works on a part."""
    import os
    import time

    time.sleep(0.05)
    return os.getpid()


def failing(_: object) -> None:
    raise ValueError(NAME)


def test_a_failed_part_tells_nothing_of_it(cluster: str) -> None:
    """If this fails, residents stand in the logs of every machine of the cluster."""
    with connected(cluster) as fan:
        assert isinstance(fan, DaskFan)
        with pytest.raises(UserError, match="ValueError") as caught:
            list(fan.each(failing, [NAME, NAME]))
        logged = str(fan.client.get_worker_logs()) + str(fan.client.get_scheduler_logs())
    assert NAME not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert NAME not in logged


def test_the_command_links_on_a_cluster(cluster: str, tmp_path: Path) -> None:
    """If this fails, nobody can use the cluster, or its files differ from those of one machine."""
    people("first").write_parquet(tmp_path / "a.parquet")
    written = []
    for number, options in enumerate(([], ["--dask", cluster])):
        out = [tmp_path / f"{name}{number}.parquet" for name in ("pasangan", "kelompok")]
        words = ["link", tmp_path / "a.parquet", "--pairs", out[0], "--clusters", out[1], *options]
        code = "import sys; from flows.cli import main; sys.exit(main(sys.argv[1:]))"
        subprocess.run([sys.executable, "-c", code, *map(str, words)], check=True, capture_output=True)
        written.append([path.read_bytes() for path in out])
    assert written[0] == written[1]


@pytest.mark.parametrize(
    "address", ["tcp://10.1.2.3:8786", "10.1.2.3:8786", "tcp://penjadwal:8786", "inproc://x", "tls://["]
)
def test_an_open_network_is_refused(address: str) -> None:
    """If this fails, names and numbers of residents cross the office's network in plain text."""
    with pytest.raises(UserError) as caught, connected(address):
        pass
    assert caught.value.exit_code is Exit.USAGE


def test_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a wrong port waits for ever or ends in a traceback."""
    monkeypatch.setattr("tasks.resolve.dask_fan.WAIT_SECONDS", 1)
    people("first")[:50].write_parquet(tmp_path / "a.parquet")
    words = ["link", str(tmp_path / "a.parquet"), "--pairs", str(tmp_path / "b.parquet"), "--dask", "tcp://127.0.0.1:9"]
    assert main(words) == Exit.OFFICE


def before_the_search(home: Path) -> tuple[Office, str]:
    """An office with an extract that was read and validated."""
    office = Office(home)
    office.create()
    lines = settings.SAMPLES / "ditjen_ganda_2026_10.csv"
    path = office.inbox / "ganda.csv"
    path.write_bytes(b"".join(lines.read_bytes().splitlines(keepends=True)[:EXTRACT]))
    receipt = receive(office, [path], None, (datetime(2026, 10, 6, 2, 0, tzinfo=UTC), "inbox"))
    with open_store(office) as con:
        load_baseline(con, office, settings.SAMPLES / "penduduk_dkb_semester1_2026.csv")
        load(con, office, receipt)
        validate(con, receipt.agenda, Terms("2026-10-06"))
    return office, receipt.agenda


def test_the_step_of_the_sop_stores_the_same(cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, Staff decides about other pairs where the office has a cluster, or it is not used at all."""
    office, agenda = before_the_search(tmp_path / "kantor")
    sent: list[object] = []
    honest = DaskFan.each
    monkeypatch.setattr(DaskFan, "each", lambda fan, function, items: honest(fan, function, tapped(sent, items)))
    monkeypatch.setattr(steps, "get_run_logger", logging.getLogger)
    monkeypatch.setattr(index, "PART_RECORDS", 300)
    stored = []
    for name, address in (("sini", ""), ("sana", cluster)):
        shutil.copytree(office.home, tmp_path / name)
        there = Office(tmp_path / name)
        there.settings_file.write_text(f'[mesin]\ndask = "{address}"\n')
        monkeypatch.setenv("SINKRON_HOME", str(there.home))
        summary = steps.resolve_duplicates.fn(agenda)
        with open_store(there) as con:
            tables = [con.execute(f"select * from {table} order by all").fetchall() for table in TABLES]
        stored.append([summary, *tables])
        assert bool(sent) == bool(address)
    assert stored[0] == stored[1]
    assert all(stored[0])


def tapped(sent: list[object], items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        sent.append(item)
        yield item


def test_a_cluster_that_is_away_stores_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, half a search is stored, or nobody is told why a batch stands still."""
    office, agenda = before_the_search(tmp_path / "kantor")
    monkeypatch.setattr("tasks.resolve.dask_fan.WAIT_SECONDS", 1)
    monkeypatch.setenv("SINKRON_HOME", str(office.home))
    office.settings_file.write_text('[mesin]\ndask = "tcp://127.0.0.1:9"\n')
    with pytest.raises(StepFailedError, match="Dask: tidak menjawab"):
        steps.resolve_duplicates.fn(agenda)
    with open_store(office) as con:
        assert find(con, agenda, "resolve") is None
    office.settings_file.write_text('[mesin]\ndask = "tcp://10.1.2.3:8786"\n')
    with pytest.raises(UserError, match=r'mesin\.dask: "tcp://10\.1\.2\.3:8786"\. Seharusnya: tls:'):
        _ = office.settings
