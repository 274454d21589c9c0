"""SIGKILL between any two lines: nothing half done, nothing lost, and the next start finishes the work (promise 3)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from office_kit.files import write_csv, write_letter
from office_kit.residents import resident
from office_kit.small import Batch, copy_of, receive_rows

from tasks.office import Office
from tasks.receive import sha256_of

TESTS = Path(__file__).resolve().parents[1]
POINTS = {"receive": 13, "apply": 8}


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


@pytest.fixture(scope="module")
def writing(small: Batch, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The small office, signed by everybody; killed at many lines of apply. Also: how it looks when nothing happens."""
    signed = copy_of(small, tmp_path_factory.mktemp("tulis") / "asli")
    signed.sign()
    points = crashes("apply", signed.office.home, tmp_path_factory.mktemp("tulis-mati"))
    return points[0]["after"], points


def test_writing_is_all_or_nothing(writing: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    """If this fails, a power cut leaves half of the approved changes in the register."""
    before, points = writing
    whole = points[0]["end"]
    assert before["register"] != whole["register"]
    for point in points:
        after = point["after"]
        assert after != "mati", point
        store = {key: after[key] for key in ("register", "history", "applied", "steps")}
        assert store in [{key: facts[key] for key in store} for facts in (before, whole)], point
        assert after["written"] <= after["applied"], point


def test_writing_again_finishes_the_work(writing: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    """If this fails, a batch is written twice, recorded twice, or never finished."""
    _, points = writing
    whole = points[0]["end"]
    assert (whole["applied"], whole["steps"], whole["written"]) == (1, 1, 1)
    for point in points:
        assert point["end"] == whole, point
        assert point["again"] is (point["after"]["applied"] == 0), point


def test_both_sides_of_the_commit_were_tried(writing: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    """If this fails, these tests no longer cut the power at the moment that matters."""
    seen = {(point["after"]["applied"], point["after"]["written"]) for point in writing[1]}
    assert {(0, 0), (1, 0)} <= seen
