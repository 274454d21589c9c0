"""SIGKILL between any two lines: nothing half done, nothing lost, and the next start finishes the work (promise 3)."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from office_kit.files import write_csv, write_letter
from office_kit.residents import resident
from office_kit.small import receive_rows

from tasks.office import Office
from tasks.receive import sha256_of

TESTS = Path(__file__).resolve().parents[1]
POINTS = {"receive": 13}


def crashes(name: str, template: Path, work: Path) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "office_kit.crash", name, template, work, str(POINTS[name])]
    environment = os.environ | {"PYTHONPATH": f"{TESTS}:{TESTS.parent}"}
    done = subprocess.run(command, cwd=TESTS, env=environment, capture_output=True, text=True, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) > POINTS[name] / 2
    assert sum(point["killed"] for point in found) >= len(found) - 2
    for point in found:
        point["stderr"] = done.stderr[-500:]
    return found


@pytest.fixture(scope="module")
def receiving(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], list[dict[str, Any]]]:
    """A letter with two files in the inbox of an office that already has one receipt; killed at many lines."""
    office = Office(tmp_path_factory.mktemp("terima") / "asli")
    office.create()
    receive_rows(office, (resident(9),), "lama.csv")
    for number in (1, 2):
        write_csv(office.inbox / f"{number}.csv", [resident(number)])
    write_letter(office.inbox / "surat.json", {f"{number}.csv": {"jumlah": 1} for number in (1, 2)})
    hashes = {sha256_of(path) for path in office.inbox.glob("*.csv")}
    return hashes, crashes("receive", office.home, tmp_path_factory.mktemp("terima-mati"))


def test_no_agenda_number_without_its_files(receiving: tuple[set[str], list[dict[str, Any]]]) -> None:
    """If this fails, a power cut leaves a number in the Buku Agenda for which there are no files."""
    for point in receiving[1]:
        for when in ("after", "end"):
            facts = point[when]
            assert facts != "mati", point
            for agenda, hashes in facts["received"].items():
                assert facts["archived"][agenda] == sorted(hashes), point


def test_no_file_is_lost(receiving: tuple[set[str], list[dict[str, Any]]]) -> None:
    """If this fails, a power cut eats a letter of the centre."""
    hashes, points = receiving
    for point in points:
        assert hashes <= set(point["after"]["anywhere"]), point
        assert hashes <= set(point["end"]["anywhere"]), point


def test_receiving_again_finishes_the_work(receiving: tuple[set[str], list[dict[str, Any]]]) -> None:
    """If this fails, after a power cut at the wrong moment the office can never receive anything again."""
    hashes, points = receiving
    stuck = [point["line"] for point in points if point["again"] == "mati"]
    assert not stuck, (
        f"menerima lagi gagal setelah mati sebelum baris {stuck} dari {points[0]['of']}: {points[0]['stderr']}"
    )
    for point in points:
        received = point["end"]["received"]
        assert list(received) == ["2026-0001", "2026-0002"], point
        assert set(received["2026-0002"]) == hashes, point


TORTURE = bool(os.environ.get("SINKRON_TORTURE"))
AFTER_COMMIT = 400 if TORTURE else 6  # lines after the store's commit before which the power is cut; 400: all
KILLS = 10_000 if TORTURE else 25


def killed(*arguments: object) -> dict[str, Any]:
    """Runs office_kit.kills in a folder in memory where there is one."""
    quick = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
    mode, *more = map(str, arguments)
    environment = os.environ | {"PYTHONPATH": f"{TESTS}:{TESTS.parent}"}
    with tempfile.TemporaryDirectory(dir=quick) as folder:
        command = [sys.executable, "-m", "office_kit.kills", mode, folder, *more]
        done = subprocess.run(command, cwd=TESTS, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout))


# What the job leaves behind when nothing happens: writings, undos asked for, void rounds.
JOBS = {"apply": (1, 0, 0), "ask": (1, 1, 0), "undo": (2, 1, 0), "void": (0, 0, 1), "repair": (2, 1, 0)}


@pytest.fixture(scope="module", params=JOBS)
def cut(request: pytest.FixtureRequest) -> tuple[str, list[dict[str, Any]]]:
    """One job of the small office, killed before, at and after the store's commit; then repaired and done again."""
    points = killed("lines", request.param, AFTER_COMMIT)["points"]
    assert len(points) >= AFTER_COMMIT or TORTURE
    assert all(point["killed"] for point in points[:-1])
    return request.param, points


def in_store(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name != "ledger"}


def told(facts: dict[str, Any]) -> tuple[int, int, int]:
    """Writings, undos asked for and void rounds, as the ledger tells them."""
    ledger = facts["ledger"]
    return len(ledger["WRITTEN"]) + len(ledger["UNDONE"]), len(ledger["UNDO"]), len(ledger["VOIDED"])


def held(facts: dict[str, Any]) -> tuple[int, int, int]:
    """The same as the store holds them."""
    return len(facts["applied"]), len(facts["steps"]["undo"]), len(facts["steps"]["void"])


def test_the_store_is_all_or_nothing(cut: tuple[str, list[dict[str, Any]]]) -> None:
    """If this fails, a power cut leaves half of the approved changes in the register, or half an undo."""
    _, points = cut
    before, whole = in_store(points[0]["after"]), in_store(points[0]["end"])
    for point in points:
        assert in_store(point["after"]) in (before, whole), point
        assert in_store(point["then"]) == in_store(point["after"]), point


def test_the_next_start_makes_ledger_and_store_agree(cut: tuple[str, list[dict[str, Any]]]) -> None:
    """If this fails, what was written is missing in the Buku Agenda for longer than one restart."""
    for point in cut[1]:
        ahead = [there - entered for there, entered in zip(held(point["after"]), told(point["after"]), strict=True)]
        assert min(ahead) >= 0, point  # the store is first
        assert len(point["repaired"]) == sum(ahead), point
        assert told(point["then"]) == held(point["then"]), point


def test_the_same_again_finishes_the_work(cut: tuple[str, list[dict[str, Any]]]) -> None:
    """If this fails, a batch is written twice, recorded twice, or never finished."""
    name, points = cut
    whole = points[0]["end"]
    assert told(whole) == held(whole) == JOBS[name]
    for point in points:
        assert point["end"] == whole, point
        if name in ("apply", "undo"):
            assert point["again"] is (held(point["after"]) != JOBS[name]), point


def test_both_sides_of_both_commits_were_tried(cut: tuple[str, list[dict[str, Any]]]) -> None:
    """If this fails, these tests no longer cut the power at the moment that matters."""
    name, points = cut
    seen = {(held(point["after"]) == JOBS[name], told(point["after"]) == JOBS[name]) for point in points}
    before = (name == "repair", False)
    assert {before, (True, False), (True, True)} <= seen


def test_killed_at_random_moments(record_property: Callable[[str, object], None]) -> None:
    """If this fails, a kill while the office writes, undoes, signs or publishes loses, halves or doubles something."""
    found = killed("random", KILLS, 20261123)
    record_property("facts", json.dumps(found))
    assert found["faults"] == []
    assert sum(found["at"].values()) == KILLS
    assert {"apply", "ask", "sign", "undo"} & set(found["at"])
    if TORTURE:
        assert {"apply", "ask", "sign", "undo", "void", "publish", "opening"} <= set(found["at"])
        assert found["repaired"] > KILLS / 1000
