"""Documentation is tested: what people read must be what the software does."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from expectations.approvals import CHAIN
from expectations.outcomes import Outcome
from flows import settings
from flows.cli import COMMANDS
from tasks.errors import Exit

ROOT = settings.REPOSITORY
PAGES = sorted((ROOT / "docs").glob("*.md"))
ENGINEER = (ROOT / "docs" / "data-engineer.md").read_text()


def test_every_command_is_documented() -> None:
    """If this fails, a command exists that no data engineer can find."""
    for command in COMMANDS:
        assert f"sinkron {command}" in ENGINEER, command


def test_every_exit_code_is_documented() -> None:
    """If this fails, a script of the office cannot tell why a receipt was refused."""
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", ENGINEER, re.MULTILINE)}
    assert documented == set(Exit)


def test_approval_chain_is_documented() -> None:
    """If this fails, an approver reads another meaning or time than the form tells."""
    page = (ROOT / "docs" / "approver.md").read_text()
    for level in CHAIN:
        assert f"| {level.title} | {level.meaning} | {level.minutes} menit |" in page


def test_staff_outcomes_are_documented() -> None:
    """If this fails, Staff writes an outcome the worksheet refuses."""
    page = (ROOT / "docs" / "staff.md").read_text()
    for outcome in set(Outcome) - {Outcome.OTHER_REGION}:
        assert f"`{outcome}`" in page


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """If this fails, a reader follows a link into nothing."""
    text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(), flags=re.DOTALL)  # code may look like a link
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_analyst_queries_run(published: Path) -> None:
    """If this fails, an analyst copies a query from our page and gets an error."""
    page = (ROOT / "docs" / "analyst.md").read_text()
    queries = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)[0].split(";")
    with duckdb.connect(str(published), read_only=True) as con:
        answers = [con.sql(query).fetchall() for query in queries if query.strip()]
        tables = {name for (name,) in con.sql("select table_name from duckdb_tables()").fetchall()}
    assert all(answers[:2])
    assert tables == set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))


def test_auditor_script_agrees(published: Path, tmp_path: Path) -> None:
    """If this fails, an auditor without our software comes to another head than we print."""
    page = (ROOT / "docs" / "auditor.md").read_text()
    script = tmp_path / "periksa.py"
    script.write_text(re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0])
    ledger = published.parent.parent / "ledger.sqlite"
    theirs = subprocess.run([sys.executable, "-I", script, ledger], capture_output=True, text=True, check=True).stdout
    from tasks.ledger import open_ledger, verify

    with open_ledger(ledger) as con:
        count, head = verify(con)
    assert theirs.split() == [str(count), head]


def test_cli_answers_at_once() -> None:
    """If this fails, `sinkron --help` imports an engine nobody asked for, and feels broken."""
    heavy = ("prefect", "duckdb", "polars", "great_expectations")
    code = f"import sys, flows.cli; print([m for m in {heavy} if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"


def test_benchmarks_compile() -> None:
    """If this fails, `make bench` breaks for the next person who wants a figure."""
    assert callable(runpy.run_path(str(ROOT / "bench" / "auto_demo.py"))["main"])


def test_readme_shows_what_the_demo_gives() -> None:
    """If this fails, the first thing a reader compares with our README differs."""
    golden = json.loads((ROOT / "tests" / "golden" / "sample.json").read_text())["propose"]
    readme = (ROOT / "README.md").read_text()
    for outcome, rows in golden["outcomes"].items():
        assert f"  {outcome:16} {rows:6}" in readme
    assert f"{golden['rows']} baris diterima" in readme
