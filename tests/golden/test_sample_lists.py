"""The sample batch, signed and written: how many rows and persons each list tells of (promise 1)."""

import json
import shutil
from pathlib import Path

import pytest
from office_kit.pdf_text import text_of
from office_kit.samples import Sample
from office_kit.signers import staff_an_office
from office_kit.small import Batch
from office_kit.written import Papers, csv_of, papers, write_batch

from expectations.outcomes import Outcome
from tasks.documents.words import number
from tasks.lists.make import NAMES
from tasks.office import Office

GOLDEN = json.loads((Path(__file__).parent / "sample.json").read_text(encoding="utf-8"))
# Region asked -> (persons on its list, received rows they stand for).
ASKED = {"3515": (34, 65), "3516": (30, 51), "3517": (35, 61), "3525": (32, 53), "3578": (64, 85)}


@pytest.fixture(scope="module")
def out(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Papers:
    home = tmp_path_factory.mktemp("contoh") / "kantor"
    shutil.copytree(sample.office.home, home)
    office = Office(home)
    return papers(write_batch(Batch(office, staff_an_office(office), sample.receipt, dict(sample.done))))


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_list_has_the_rows_of_its_outcome(out: Papers, outcome: Outcome) -> None:
    """If this fails, a known letter is answered with other lists than its outcomes."""
    parts = [csv_of(out[name]) for name in out if name.startswith(f"{NAMES[outcome][0]}-berkas-")]
    assert sum(part.height for part in parts) == GOLDEN["propose"]["outcomes"][outcome]


def test_every_regency_is_asked_about_its_persons(out: Papers) -> None:
    """If this fails, persons of a known letter are asked about elsewhere than before, or not at all."""
    lists = {code: csv_of(out[f"3-rujuk-luar-kota-{code}.csv"]) for code in ASKED}
    found = {code: (frame.height, sum(told.count("/") for told in frame["REFERENSI"])) for code, frame in lists.items()}
    assert found == ASKED
    assert sum(rows for _, rows in ASKED.values()) == GOLDEN["propose"]["outcomes"][Outcome.OTHER_REGION]
    assert {name for name in out if name.startswith("surat-luar")} == {
        f"surat-luar-kota-2026-0001-{code}.pdf" for code in ASKED
    }


def test_the_reply_adds_up(out: Papers) -> None:
    """If this fails, the totals told to the centre are not those of its letter."""
    told = text_of(out["surat-balasan-2026-0001.pdf"].content)
    received = GOLDEN["load"]["received"]
    assert f"Jumlah, sama dengan yang diterima {number(received)}" in told
    for outcome, rows in GOLDEN["propose"]["outcomes"].items():
        assert f"{NAMES[Outcome(outcome)][1]} {number(rows)}" in told
