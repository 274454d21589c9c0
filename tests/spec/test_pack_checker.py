"""The checker in a pack stays what it promises: short, alone, readable, and only reading."""

import ast
import subprocess
import sys
from pathlib import Path

from office_kit.packs import CHECKER, check

MAX_LINES, MAX_WIDTH = 150, 120
SOURCE = CHECKER.read_text()


def test_an_auditor_reads_it_in_one_sitting() -> None:
    """If this fails, nobody reads the program that decides whether the evidence is right."""
    lines = SOURCE.splitlines()
    assert len(lines) <= MAX_LINES
    assert max(map(len, lines)) <= MAX_WIDTH


def test_it_needs_nothing_but_an_old_python() -> None:
    """If this fails, an auditor must install something, or a newer Python, to check a pack."""
    for node in ast.walk(ast.parse(SOURCE, feature_version=(3, 9))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
        assert not [name for name in names if name.split(".")[0] not in sys.stdlib_module_names], names
        newer = {"strict", "dataclass_transform", "pairwise", "bit_count", "StrEnum", "UTC", "batched"}
        if isinstance(node, ast.keyword | ast.Name | ast.Attribute):
            named = node.arg if isinstance(node, ast.keyword) else getattr(node, "id", getattr(node, "attr", ""))
            assert named not in newer, named
        assert not (
            isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and isinstance(node.right, ast.Constant)
        )


def test_it_only_reads(tmp_path: Path) -> None:
    """If this fails, looking at the evidence unpacks or changes it."""
    calls = {node.func.attr for node in ast.walk(ast.parse(SOURCE))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}  # fmt: skip
    writing = {"extract", "extractall", "write_text", "write_bytes", "unlink", "rename", "mkdir"}
    assert not calls & (writing | {"system", "run", "exec", "open", "eval"})
    names = {node.id for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.Name)}
    assert not names & {"eval", "exec", "open", "__import__", "compile"}
    check(tmp_path)
    assert not list(tmp_path.iterdir())


def test_without_a_pack_it_says_how() -> None:
    """If this fails, whoever starts it with a double click sees a traceback."""
    done = subprocess.run([sys.executable, "-I", CHECKER], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "periksa.py PAKET.zip|FOLDER" in done.stderr
    assert done.returncode
