"""What masked papers may show of any column: its own words, and of everything else first letters at most."""

import re

import pytest

from expectations.codes import labels, regions
from expectations.columns import COLUMNS, DATES, IDENTIFIERS
from expectations.outcomes import BY_STAFF, DOCUMENTS, PROPOSAL_COLUMN, PROPOSED_INACTIVE
from tasks.privacy import STAFF_BASIS, mask, mask_basis

NAMES = [column.name for column in COLUMNS] + [PROPOSAL_COLUMN]


@pytest.mark.parametrize("element", NAMES)
def test_a_slipped_column_shows_nobody(element: str) -> None:
    """If this fails, a file whose columns slipped puts names and NIKs into papers that anybody may read."""
    for value in ("SITI AMINAH 3576014107809001", "SITI AMINAH", "3576014107809001", "JL UJI NO 7"):
        shown = mask(element, value)
        assert not re.search("ITI|MINAH|UJI", shown)
        assert not re.search("[0-9]{7}", shown)


def test_a_columns_own_words_stay_readable() -> None:
    """If this fails, approvers see stars where nobody is told of: a code, a region, the mark of a proposal."""
    for element in ("agama", "stat_kwn", "jenis_klmin", "ektp_status"):
        for value in labels(element):
            assert mask(element, value) == value
    assert mask("kel_name", next(iter(regions("kelurahan").values()))) != "(kosong)"
    assert mask(PROPOSAL_COLUMN, PROPOSED_INACTIVE) == PROPOSED_INACTIVE
    assert (mask("no_kec", "03"), mask("no_rt", "012"), mask("no_rt", "0123")) == ("03", "012", "0***")


def test_nothing_is_said_to_be_nothing() -> None:
    """If this fails, an empty value looks like a masked one."""
    for element in NAMES:
        assert mask(element, None) == mask(element, "") == "(kosong)"
    assert [mask(element, "x") for element in (IDENTIFIERS[0], DATES[0])] == ["x* (1 karakter)", "**"]


def test_staffs_free_text_stays_in_the_store() -> None:
    """If this fails, a name that Staff typed as a document's number stands on a masked paper or in the history."""
    kind = DOCUMENTS[0].name
    assert mask_basis(f"{kind} nomor 3576010101909001 SITI", BY_STAFF) == f"{kind} (lembar kerja Staff)"
    assert mask_basis("akta milik SITI", BY_STAFF) == STAFF_BASIS
    assert mask_basis("domisili di luar kota", "ANM-WIL-01") == "domisili di luar kota"
