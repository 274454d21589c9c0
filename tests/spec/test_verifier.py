"""The auditor's verifier stays what it promises: short, alone, and readable by somebody who does not know us."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from office_kit.auditor import VERIFIER, audit

MAX_LINES, MAX_WIDTH = 150, 120


def test_an_auditor_reads_it_in_one_sitting() -> None:
    """If this fails, nobody reads the program that is said to be readable."""
    lines = VERIFIER.read_text().splitlines()
    assert len(lines) <= MAX_LINES
    assert max(map(len, lines)) <= MAX_WIDTH


def test_it_needs_nothing_but_python() -> None:
    """If this fails, an auditor must install what he is to check."""
    for node in ast.walk(ast.parse(VERIFIER.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
        assert not [name for name in names if name.split(".")[0] not in sys.stdlib_module_names], names


def test_it_only_reads(tmp_path: Path) -> None:
    """If this fails, looking at the evidence changes it."""
    calls = {node.func.attr for node in ast.walk(ast.parse(VERIFIER.read_text()))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}  # fmt: skip
    assert not calls & {"write_text", "write_bytes", "unlink", "rename", "mkdir", "system", "run", "executescript"}
    (tmp_path / "rusak").mkdir()
    (tmp_path / "rusak" / "ledger.sqlite").write_bytes(b"bukan basis data" * 999)
    before = sorted((path.name, path.stat().st_size) for path in (tmp_path / "rusak").iterdir())
    assert audit(tmp_path / "rusak").code == 1
    assert sorted((path.name, path.stat().st_size) for path in (tmp_path / "rusak").iterdir()) == before


def test_nonsense_is_wrong_and_no_crash(tmp_path: Path) -> None:
    """If this fails, a damaged copy ends in an English traceback instead of a verdict."""
    for number, content in enumerate((b"\xff\xfe\n", b"[1]\n", b"{}\n", b"[1,2,3,4,5,6,7,8]\n", b"null\n", b"[")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "buku-agenda.jsonl").write_bytes(content)
        said = audit(folder)
        assert said.code == 1, content
        assert said.text.startswith("SALAH")
    (tmp_path / "0" / "buku-agenda.jsonl").unlink()
    (tmp_path / "0" / "kepala.log").write_bytes(b"ledger 3 " + b"a" * 64 + b" 2026-10-06T02:00:00\n\xff\xfe\n")
    assert audit(tmp_path / "0").code == 1
    assert audit(tmp_path / "1", "--kepala", "1:tiga").code == 1


@pytest.mark.parametrize("given", [["--kepala", "tiga"], ["1:K7Q2-9XMT"], ["--kepala=1:K7Q2-9XMT"], ["--kepala"]])
def test_a_head_that_was_typed_otherwise_is_not_passed_over(given: list[str], tmp_path: Path) -> None:
    """If this fails, an auditor believes that a head was compared which nobody looked at."""
    for checker in (VERIFIER, VERIFIER.parents[1] / "pack" / "periksa.py"):
        command = [sys.executable, "-I", checker, tmp_path, *given]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert "--kepala" in done.stderr


def test_without_a_folder_it_says_how(tmp_path: Path) -> None:
    """If this fails, whoever starts it with a double click sees a traceback."""
    done = subprocess.run([sys.executable, "-I", VERIFIER], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "verifier.py FOLDER" in done.stdout + done.stderr
    assert done.returncode
