"""The house keeps its shape (design: rooms, sizes, one direction, nothing of one machine in it)."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from flows import settings

ROOT = settings.REPOSITORY
ROOMS = ("flows", "tasks", "expectations")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_ARGUMENTS = 300, 40, 4


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listing.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_stay_small(path: Path) -> None:
    """If this fails, the next person cannot hold a module in the head, and a fault hides there."""
    text = path.read_text()
    assert len(text.splitlines()) <= MAX_FILE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < MAX_FUNCTION_LINES, node.name
            assert len([a for a in node.args.args if a.arg not in {"self", "cls"}]) <= MAX_ARGUMENTS, node.name


def test_no_room_is_called_utils() -> None:
    """If this fails, a corridor was added where a room should have been redesigned."""
    assert not [path for path in SOURCES if re.search(r"utils|helpers|misc|common", path.stem)]


def test_every_test_says_what_would_be_wrong() -> None:
    """If this fails, a red test tells the office nothing."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert ast.get_docstring(node), f"{path.name}: {node.name}"


def test_nothing_of_one_machine_or_registry_is_committed() -> None:
    """If this fails, the lock works on one network only, or a path of somebody's machine leaks."""
    for path in tracked():
        if path.suffix in {".lock", ".toml", ".txt", ".py", ".md", ".json"} or path.name in {"Makefile", "run"}:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"https?://[^\s\"]*/(simple|packages)/|-(-index-url|-find-links)[ =]", text), path
            assert str(ROOT.parent) + "/" not in text or ROOT.parent == Path("/"), path
    assert (ROOT / "uv.lock") not in tracked()


def test_only_fictional_niks_are_committed() -> None:
    """If this fails, a number that may be a real person's NIK lies in the public history."""
    for path in tracked():
        if path.suffix in {".csv", ".py", ".md", ".json"} and "reference" not in path.parts:
            found = re.findall(r"(?<!\d)[1-9]\d{11}(\d{4})(?!\d)", path.read_text(encoding="latin-1"))
            assert all(serial.startswith("9") for serial in found), path
