"""How much memory the store takes: a share of the machine, what does not fit goes encrypted to the disk, or is told."""

from pathlib import Path

import pytest

from tasks.errors import Exit, UserError
from tasks.office import Office
from tasks.office_settings import Machine
from tasks.store import open_store, read_store
from tasks.store_memory import MIB, memory_mib, spill_folder

MARKED = "RAHASIA WARGA"
PEOPLE = f"""create table besar as select i as resident_id, md5(i::varchar) || ' {MARKED} ' || i as nama_lgkp
  from range(1200000) r (i)"""
SORTED = "select resident_id, nama_lgkp from besar order by nama_lgkp, resident_id"
DIGEST = f"""select md5(string_agg(md5(nama_lgkp), '' order by n))
  from (select *, row_number() over () as n from ({SORTED})) where n % 100 = 0"""


def set_machine(office: Office, **chosen: object) -> None:
    """kantor.toml with a section [mesin]."""
    lines = [f"{name} = {value!r}".replace("'", '"') for name, value in chosen.items()]
    office.settings_file.write_text("\n".join(["[mesin]", *lines, ""]))


def test_what_does_not_fit_is_spilled_encrypted_and_comes_back_the_same(office: Office, tmp_path: Path) -> None:
    """If this fails, a large extract ends the step, gives another result, or leaves residents readable on the disk."""
    with open_store(office) as con:
        con.execute(PEOPLE)
        expected = con.execute(DIGEST).fetchone()
    folder = tmp_path / "tumpah"
    folder.mkdir(mode=0o700)
    set_machine(office, memori_mib=96, sementara=str(folder))
    with open_store(office) as con:
        result = con.execute(SORTED)
        first = result.fetchone()
        spilled = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        assert first is not None
        assert MARKED in first[1]
        assert sum(map(len, spilled.values())) > 10 * MIB
        assert not [path for path, raw in spilled.items() if MARKED.encode() in raw]
        assert not list(office.scratch.rglob("*.tmp"))
        result.fetchall()
        assert con.execute(DIGEST).fetchone() == expected
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_too_little_memory_is_told_and_loses_nothing(office: Office) -> None:
    """If this fails, a small machine shows a traceback, or what was stored before is gone."""
    with open_store(office) as con:
        con.execute(PEOPLE)
    set_machine(office, memori_mib=64)
    with pytest.raises(UserError) as caught, open_store(office) as con:
        con.execute("create table lain as select list(nama_lgkp) as semua from besar")
    assert caught.value.exit_code is Exit.OFFICE
    assert "naikkan memori_mib" in str(caught.value)
    assert MARKED not in str(caught.value)
    set_machine(office, memori_mib=0)
    with open_store(office) as con:
        assert con.execute("select count(*), max(resident_id) from besar").fetchone() == (1_200_000, 1_199_999)
        assert not con.execute("select * from duckdb_tables() where table_name = 'lain'").fetchall()


def test_half_of_the_machine_or_container_is_taken(tmp_path: Path) -> None:
    """If this fails, DuckDB takes what polars and Prefect need, or more than a container may have: all of it dies."""
    limit = tmp_path / "memory.max"
    limit.write_text(f"{600 * MIB}\n")
    assert memory_mib(Machine(), limit) == 300
    limit.write_text("max\n")
    whole = memory_mib(Machine(), limit)
    assert whole == memory_mib(Machine(), tmp_path / "tidak-ada") > 300
    limit.write_text(f"{MIB}\n")
    assert memory_mib(Machine(), limit) == 64
    assert memory_mib(Machine(memori_mib=1000), limit) == 1000


def test_the_choice_holds_in_the_store(office: Office, tmp_path: Path) -> None:
    """If this fails, kantor.toml says one thing and DuckDB does another."""
    set_machine(office, memori_mib=512)
    with open_store(office) as con:
        now = con.execute("select current_setting('memory_limit'), current_setting('temp_directory')").fetchone()
    assert now == ("512.0 MiB", str(office.scratch))
    with read_store(office.store, office.key("store"), tmp_path) as con:
        assert con.execute("select current_setting('temp_directory')").fetchone() == (str(tmp_path),)


@pytest.mark.parametrize(
    "line", ["memori_mib = '2GB'", "memori_mib = -1", "memori_mib = 63", "memori_mib = true", "sementara = 'tmp'",
             "sementara = 3", "memori = 3", "pekerja = 0", "pekerja = 9", "serentak = '4'", "serentak = true"],
)  # fmt: skip
def test_a_choice_that_is_none_is_told(office: Office, line: str) -> None:
    """If this fails, a typing error in kantor.toml is guessed at, and found out in the middle of a night's extract."""
    office.settings_file.write_text(f"[mesin]\n{line}\n")
    with pytest.raises(UserError, match=r"mesin|memori") as caught, open_store(office):
        pass
    assert caught.value.exit_code is Exit.OFFICE


def test_a_folder_that_is_gone_is_told(office: Office, tmp_path: Path) -> None:
    """If this fails, a disk that is not mounted fills the system's own with residents' data."""
    set_machine(office, sementara=str(tmp_path / "tidak-ada"))
    with pytest.raises(UserError, match="sementara"), open_store(office):
        pass
    assert spill_folder(Machine(), office.scratch) == office.scratch
