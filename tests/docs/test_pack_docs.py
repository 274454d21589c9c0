"""What docs/auditor.md shows of a pack is what a pack and its checker say."""

import re
import subprocess
import sys
from pathlib import Path

from office_kit.packs import members_of, packed, written_batch
from office_kit.small import Opened

from flows import settings
from tasks.approvals.case import file_code
from tasks.ledger import Kind, entries, open_ledger

PAGE = (settings.REPOSITORY / "docs" / "auditor.md").read_text()
SECTION = PAGE.partition("## One batch alone")[2].partition("\n## ")[0]
VARYING = re.compile(r"\b[0-9a-f]{64}\b|\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b|\b[0-9]+\b")


def told(text: str) -> list[str]:
    """Lines without the numbers, dates and hashes of one office."""
    return [VARYING.sub("#", line).strip() for line in text.strip().splitlines()]


def test_the_page_shows_what_the_checker_says(opened: Opened, tmp_path: Path) -> None:
    """If this fails, an auditor compares what he sees with a page that shows something else."""
    written_batch(opened)
    pack = packed(opened)
    (tmp_path / pack.name).write_bytes(pack.content)
    members = members_of(pack.content)
    (tmp_path / "periksa.py").write_bytes(members["periksa.py"])
    with open_ledger(opened.batch.office) as ledger:
        (writing,) = entries(ledger, kind=Kind.WRITTEN)
    commands = re.findall(r"^python -I (.*)$", SECTION, re.MULTILINE)
    assert commands[0].startswith(f"periksa.py {pack.name} --kepala 13:")
    heads = [f"{writing.seq}:{file_code(writing.hash)}", f"{pack.head[0]}:{file_code(pack.head[1])}"]
    given = ["periksa.py", pack.name, *(part for head in heads for part in ("--kepala", head))]
    assert len(commands[0].split()) == len(given)
    said = subprocess.run([sys.executable, "-I", *given], cwd=tmp_path, capture_output=True, text=True, check=True)
    shown = re.findall(r"```\n(BENAR.*?)```", SECTION, re.DOTALL)[0]
    assert told(shown) == told(said.stdout)


def test_the_page_names_every_member(opened: Opened) -> None:
    """If this fails, there is something in a pack that the page does not explain."""
    written_batch(opened)
    shown = re.findall(r"^\| `([^`]+)` \|", SECTION, re.MULTILINE)
    patterns = [re.escape(name).replace(r"\*", ".*").replace("<agenda>", r"[0-9U-]+").replace("<round>", "[0-9]+")
                for name in shown]  # fmt: skip
    for masked in (True, False):
        for name in members_of(packed(opened, masked=masked).content):
            assert any(re.fullmatch(pattern, name) for pattern in patterns), name
