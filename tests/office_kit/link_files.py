"""Files of anybody for `sinkron link`, as they are read or refused."""

from pathlib import Path

import pytest

from expectations.matching import shipped
from office_kit.residents import resident
from tasks.errors import UserError
from tasks.tables import Table, Wanted, read_table

PEOPLE = Wanted.by(shipped("penduduk"))
ADA, BUDI = resident(1), resident(2)
PLAIN = Wanted(("given_name", "soc_sec_id", "nama kota"), frozenset({"soc_sec_id"}))


def read(path: Path, wanted: Wanted = PLAIN) -> Table:
    """A file as the matcher gets it."""
    return read_table(path, wanted)


def refused(path: Path, wanted: Wanted = PLAIN) -> UserError:
    """How it is refused."""
    with pytest.raises(UserError) as error:
        read_table(path, wanted)
    return error.value
