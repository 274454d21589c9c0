"""The committed sample batch against its golden file: same input, same counts, same digest (promise 6).

After an intended change: ``python tests/golden/regenerate.py`` and read the difference before committing it.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from office_kit.samples import Sample, golden_facts

GOLDEN = json.loads((Path(__file__).parent / "sample.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def facts(sample: Sample) -> dict[str, Any]:
    return json.loads(json.dumps(golden_facts(sample)))


@pytest.mark.parametrize("part", GOLDEN)
def test_the_sample_gives_what_it_gave(facts: dict[str, Any], part: str) -> None:
    """If this fails, a change of the code changed what residents of a known letter are told, meant or not."""
    assert facts[part] == GOLDEN[part]


def test_the_golden_file_is_complete(facts: dict[str, Any]) -> None:
    """If this fails, a new step of the pipeline is not guarded."""
    assert list(facts) == list(GOLDEN)


def test_the_golden_counts_are_conserved() -> None:
    """If this fails, the golden file itself lost rows (promise 1)."""
    load, plan = GOLDEN["load"], GOLDEN["propose"]
    assert load["received"] == load["loaded"] + load["rejected"] == sum(f["received"] for f in GOLDEN["files"])
    assert sum(plan["outcomes"].values()) == plan["rows"] == load["loaded"]
    assert sum(GOLDEN["validate"]["rules"].values()) == GOLDEN["validate"]["findings"]
    assert sum(GOLDEN["causes"].values()) == sum(GOLDEN["basis"].values()) == plan["rows"]
