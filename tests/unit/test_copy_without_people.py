"""The analysts' copy has nobody in it, as read and byte by byte, and is useful all the same (promise 5)."""

import re

import duckdb
import pytest
from office_kit.published_texts import copy_published, leaks, published_texts
from office_kit.samples import Sample
from office_kit.sheets import work_round
from office_kit.small import RESIDENTS, ROWS, Opened, row_ids
from office_kit.writing import write

from expectations.rules import RULES
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office
from tasks.publish import PUBLISHED
from tasks.store import open_store


def test_nobody_of_the_sample_is_in_the_published_copy(sample: Sample) -> None:
    """If this fails, an analyst can read who has an anomaly."""
    secrets = secrets_of_sample(sample)
    texts = published_texts(sample.office.published / PUBLISHED)
    assert len(secrets) > 40_000
    assert len(texts) > 60
    assert not leaks(texts, secrets)


def secrets_of_sample(sample: Sample) -> set[str]:
    """Numbers, names, addresses and birth days (before this year's: the office writes on those) of everybody."""
    names = ["nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah", "alamat", "nik", "no_kk", "nik_ibu", "nik_ayah"]
    wanted = [*((name, f"length({name}) > 3") for name in names), ("tgl_lhr::varchar", "year(tgl_lhr) < 2026")]
    with open_store(sample.office) as con:
        return {value for table in ("penduduk", "extract_rows") for name, where in wanted for (value,) in
                con.execute(f"select distinct {name} from {table} where {where}").fetchall()}  # fmt: skip


def windows(raw: bytes) -> set[str]:
    """What can be read in raw bytes: runs of 16 digits, days, and up to five words in a row."""
    found = {run[at : at + 16].decode() for run in re.findall(rb"[0-9]{16,}", raw) for at in range(len(run) - 15)}
    found |= {day.decode() for day in re.findall(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}", raw)}
    for run in re.findall(rb"[A-Z0-9 .,/'-]{4,}", raw):
        words = run.decode().split()
        found |= {" ".join(words[at : at + size]) for size in range(1, 6) for at in range(len(words))}
    return found


def test_nobody_of_the_sample_is_in_the_bytes_of_the_copy(sample: Sample) -> None:
    """If this fails, who opens the copy with an editor reads what no table shows: dictionaries, statistics, pages."""
    secrets = {secret for secret in secrets_of_sample(sample) if len(secret) > 5}
    plain = sample.office.scratch / "terbuka.duckdb"
    with open_store(sample.office) as con:  # the same people in plain text: the search can find them
        con.execute(f"attach '{plain}' as terbuka (storage_version 'v1.0.0')")
        con.execute(
            "create table terbuka.main.t as select nik, nama_lgkp, alamat from penduduk order by nik limit 2000"
        )
        con.execute("detach terbuka")
    found = windows(plain.read_bytes())
    plain.unlink()
    assert len(found & secrets) > 500
    assert not windows((sample.office.published / PUBLISHED).read_bytes()) & secrets


def test_the_published_copy_is_useful(sample: Sample) -> None:
    """If this fails, analysts get an empty or wrong copy, or cannot join rows to their findings."""
    counts = sample.done["publish"]["tables"]
    assert (counts["hasil"], counts["penduduk"]) == (
        sample.done["load"]["loaded"],
        sample.done["baseline"]["residents"],
    )
    with duckdb.connect(str(sample.office.published / PUBLISHED), read_only=True) as con:
        joined = con.execute(
            "select count(*), count(distinct row_pseudonym) from temuan join hasil using (row_pseudonym)"
        )
        assert joined.fetchone() == (sample.done["validate"]["findings"], sample.done["validate"]["rows"])
        assert con.execute("select count(*) from aturan").fetchone() == (len(RULES),)


def secrets_of_small() -> set[str]:
    return {str(row[c]) for row in (*RESIDENTS, *ROWS) for c in ("NIK", "NO_KK", "NAMA_LGKP", "ALAMAT") if row[c]}


def test_what_staff_types_is_not_published(opened: Opened) -> None:
    """If this fails, a name or a number that Staff wrote as DASAR is read by every analyst."""
    batch, typed = opened.batch, "470/1234/2026 a.n. WARGA RAHASIA"
    decisions = {row_ids("document")[0]: ("diperbaiki", "TGL_LHR", "1991-02-14", typed),
                 row_ids("biometric")[0]: ("ditunda", None, None, typed)}  # fmt: skip
    signed = work_round(opened.con, batch.office, (batch.agenda, 2), decisions)["digest"]
    batch.desk.case = (batch.agenda, 2, signed)
    batch.desk.sign()
    write(opened, 2, signed)
    assert not leaks(copy_published(opened), {"WARGA RAHASIA", "470/1234"})


@pytest.mark.parametrize("column", ["jenis_klmin", "no_kec", "no_kel"])
def test_shifted_columns_publish_nobody(opened: Opened, column: str) -> None:
    """If this fails, an extract whose columns slipped by one publishes names under "jenis_klmin"."""
    opened.con.execute(f"update extract_rows set {column} = nama_lgkp")
    assert not leaks(copy_published(opened), secrets_of_small())


def test_pseudonyms_are_keyed_and_stable(opened: Opened) -> None:
    """If this fails, pseudonyms can be computed from a list of NIKs, or one publication made twice differs."""
    office = opened.batch.office
    first = copy_published(opened)
    assert copy_published(opened)["hasil.row_pseudonym"] == first["hasil.row_pseudonym"]
    office.key_file.write_text("ab" * 32)
    opened.batch.office = Office(office.home)
    other = copy_published(opened)
    assert len(other["hasil.row_pseudonym"]) == len(first["hasil.row_pseudonym"]) == len(ROWS)
    assert not other["hasil.row_pseudonym"] & first["hasil.row_pseudonym"]
    assert not other["penduduk.orang"] & first["penduduk.orang"]


def test_publishing_replaces_the_copy_and_is_recorded_once(opened: Opened) -> None:
    """If this fails, an analyst with the file open stops the office, or old copies stay about."""
    copy_published(opened)
    path = opened.batch.office.published / PUBLISHED
    with duckdb.connect(str(path), read_only=True) as analyst:
        copy_published(opened)
        assert analyst.execute("select count(*) from hasil").fetchone() == (len(ROWS),)
    assert [p.name for p in path.parent.iterdir()] == [PUBLISHED]
    assert path.stat().st_mode & 0o777 == 0o440
    with open_ledger(opened.batch.office) as ledger:
        assert len(entries(ledger, opened.batch.agenda, Kind.PUBLISHED)) == 1
