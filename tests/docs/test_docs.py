"""Documentation is tested: what people read must be what the software does."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from expectations.approvals import CHAIN
from expectations.outcomes import Outcome
from flows import settings
from flows.cli import COMMANDS
from tasks.errors import Exit
from tasks.letter import TOTALS, read_letter

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


def test_the_letter_that_is_shown_is_one(tmp_path: Path) -> None:
    """If this fails, who types a cover letter as the page shows it gets the whole delivery back."""
    (shown,) = re.findall(r"^```json\n(.*?)^```", ENGINEER, re.MULTILINE | re.DOTALL)
    path = tmp_path / "surat.json"
    path.write_text(shown)
    letter = read_letter(path)
    assert {*letter.totals["ditjen_ganda_2026_10.csv"]} == {*TOTALS}
    assert letter.sender == "Direktur Jenderal Dukcapil"


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


def test_auditor_page_agrees(published: Path, tmp_path: Path) -> None:
    """If this fails, an auditor who follows our page comes to another head than we print."""
    from tasks.approvals.case import file_code
    from tasks.evidence.export import export
    from tasks.ledger import open_ledger, verify
    from tasks.office import Office

    page = (ROOT / "docs" / "auditor.md").read_text()
    office, folder = Office(published.parent.parent), tmp_path / "bukti"
    with open_ledger(office) as con:
        count, head = verify(con)
        export(con, office.anchors, folder)
    for path in folder.iterdir():
        assert f"| `{path.name}` |" in page
    command = re.findall(r"^python -I (.*)$", page, re.MULTILINE)[0]
    given = command.replace("/media/usb/bukti", ".").replace("57:K7Q2-9XMT", f"{count}:{file_code(head)}").split()
    assert given[1:] == [".", "--kepala", f"{count}:{file_code(head)}"]
    said = subprocess.run([sys.executable, "-I", *given], cwd=folder, capture_output=True, text=True, check=True)
    assert said.stdout.startswith(f"BENAR: {count} entri, kepala {head}")
    script = tmp_path / "periksa.py"
    script.write_text(re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0])
    book = [sys.executable, "-I", script, folder / "buku-agenda.jsonl"]
    assert subprocess.run(book, capture_output=True, text=True, check=True).stdout.split() == [str(count), head]


def test_auditor_options_exist() -> None:
    """If this fails, the auditor's page names an option that the command does not know."""
    page = (ROOT / "docs" / "auditor.md").read_text()
    source = (ROOT / "flows" / "arguments.py").read_text()
    for option in set(re.findall(r"(?<![\w-])--[a-z]+", page)):
        assert f'"{option}"' in source, option


def test_cli_answers_at_once() -> None:
    """If this fails, `sinkron --help` imports an engine nobody asked for, and feels broken."""
    heavy = ("prefect", "duckdb", "polars", "great_expectations")
    code = f"import sys, flows.cli; print([m for m in {heavy} if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"


def test_a_gate_loads_no_engine() -> None:
    """If this fails, each answer starts a process that loads matching and rules before it asks the next person."""
    heavy = ("recordlinkage", "sklearn", "scipy", "great_expectations", "altair", "typst", "marimo")
    code = f"import sys, flows.sop; print([m for m in {heavy} if m in sys.modules])"
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
