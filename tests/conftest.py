"""Fixtures for every kind of test. What costs seconds (Great Expectations, the sample batch) is made once a session."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from office_kit import destroying
from office_kit import small as small_office
from office_kit.samples import Sample, run_sample
from office_kit.signers import TEN, Desk, staff_an_office

from tasks.office import Office
from tasks.store import open_store

# The same examples on every machine, and no folder of examples beside the sources.
settings.register_profile(
    "office", derandomize=True, database=None, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
settings.load_profile("office")


@pytest.fixture(autouse=True)
def no_key_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own SINKRON_KEY must not open the tests' offices."""
    monkeypatch.delenv("SINKRON_KEY", raising=False)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A new office: folders and key, nobody registered, nothing received."""
    made = Office(tmp_path / "kantor")
    made.create()
    return made


@pytest.fixture
def desk(office: Office) -> Desk:
    """The new office with one person per role."""
    return staff_an_office(office)


@pytest.fixture
def waiting_desk(desk: Desk) -> Desk:
    """A batch that Staff got at ten."""
    desk.receive(TEN)
    return desk


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> small_office.Batch:
    """The small office, proposed and undecided. Do not write to it: use ``batch``."""
    return small_office.prepare(tmp_path_factory.mktemp("kecil") / "kantor")


@pytest.fixture(scope="session")
def reading(small: small_office.Batch) -> Iterator[small_office.Opened]:
    """The small office with its store open, for tests that only read."""
    with open_store(small.office) as con:
        yield small_office.Opened(small, con)


@pytest.fixture
def batch(small: small_office.Batch, tmp_path: Path) -> small_office.Batch:
    """A copy of the small office for one test to write to."""
    return small_office.copy_of(small, tmp_path / "kantor")


@pytest.fixture
def opened(batch: small_office.Batch) -> Iterator[small_office.Opened]:
    """The copied small office with its store open for the whole test."""
    with open_store(batch.office) as con:
        yield small_office.Opened(batch, con)


@pytest.fixture(scope="session")
def long_ago(tmp_path_factory: pytest.TempPathFactory) -> small_office.Batch:
    """An office with a batch whose retention period is over. Do not write to it: use ``old``."""
    return destroying.written(tmp_path_factory.mktemp("lama") / "kantor")


@pytest.fixture
def old(long_ago: small_office.Batch, tmp_path: Path) -> small_office.Batch:
    """A copy of it, at a desk of a year later."""
    batch = small_office.copy_of(long_ago, tmp_path / "kantor")
    batch.desk.clock = destroying.AFTER
    return batch


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The committed sample batch, run through every step up to the analysts' copy, and approved by nobody."""
    return run_sample(tmp_path_factory.mktemp("contoh") / "kantor")
