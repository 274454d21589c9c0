"""What lies on the disk: the store encrypted, files private, the analysts' copy without anybody in it (promise 5)."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from office_kit.files import write_csv
from office_kit.residents import resident
from office_kit.samples import Sample
from office_kit.sheets import work_round
from office_kit.signers import NOW
from office_kit.small import RESIDENTS, ROWS, Batch, Opened, row_ids
from office_kit.writing import write

from expectations.codes import regions
from expectations.rules import RULES
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office
from tasks.publish import PUBLISHED, publish
from tasks.store import open_store


def published_texts(path: Path) -> dict[str, set[str]]:
    """Every text of the analysts' copy, read as an analyst does: plain DuckDB, read-only, no key."""
    with duckdb.connect(str(path), read_only=True) as con:
        columns = con.execute("select table_name, column_name, data_type from information_schema.columns").fetchall()
        query = 'select distinct "{1}" from {0}'
        return {
            f"{table}.{column}": {str(v) for (v,) in con.execute(query.format(table, column)).fetchall() if v}
            for table, column, kind in columns
            if kind in {"VARCHAR", "DATE", "TIMESTAMP"}
        }


def leaks(texts: dict[str, set[str]], secrets: set[str]) -> dict[str, list[str]]:
    """Column -> secrets found inside its values, and runs of 16 digits; the city's own places are no secret."""
    found = {}
    places = {*regions("kecamatan").values(), *regions("kelurahan").values()}
    for column, values in texts.items():
        public = places if column.endswith((".kecamatan", ".kelurahan")) else set()
        text = "\n".join(v for v in values - public if not re.fullmatch(r"[0-9a-f]{16}", v))
        hits = [s for s in secrets if s in text] + re.findall(r"(?<![0-9])[0-9]{16}(?![0-9])", text)
        if hits:
            found[column] = hits[:3]
    return found


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


def copy_published(opened: Opened) -> dict[str, set[str]]:
    office = opened.batch.office
    with open_ledger(office) as ledger:
        publish(opened.con, office, ledger, (opened.batch.agenda, opened.batch.desk.clock))
    return published_texts(office.published / PUBLISHED)


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


def test_the_store_holds_nothing_in_plain_text(small: Batch, tmp_path: Path) -> None:
    """If this fails, whoever copies the store's file reads the residents of the city."""
    nik = str(RESIDENTS[0]["NIK"]).encode()
    with duckdb.connect(str(tmp_path / "terbuka.duckdb")) as con:  # the same data without a key: the search can find it
        con.execute("create table t as select unnest(?) as nik", [[str(row["NIK"]) for row in RESIDENTS]])
    assert nik in (tmp_path / "terbuka.duckdb").read_bytes()
    raw = small.office.store.read_bytes()
    assert not [row for row in RESIDENTS if str(row["NIK"]).encode() in raw or str(row["NAMA_LGKP"]).encode() in raw]


KILLED = """
import os, signal, sys
from pathlib import Path
from tasks.load import load_baseline
from tasks.office import Office
from tasks.store import open_store
office = Office(Path(sys.argv[1]))
with open_store(office) as con:
    load_baseline(con, office, Path(sys.argv[2]))
    con.execute("update office.main.penduduk set alamat = 'JL RAHASIA 77'")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_log_of_a_killed_process_is_encrypted_too(office: Office, tmp_path: Path) -> None:
    """If this fails, a power cut leaves the residents readable in the write-ahead log."""
    rows = [resident(n) for n in range(90)]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, office.home, write_csv(tmp_path / "a.csv", rows)], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    log = office.store.with_name("store.duckdb.wal")
    assert log.exists()
    for path in (office.store, log):
        raw = path.read_bytes()
        assert not [r for r in rows if str(r["NIK"]).encode() in raw or str(r["NAMA_LGKP"]).encode() in raw]
        assert b"RAHASIA" not in raw
    with open_store(office) as con:
        assert con.execute("select count(*), min(alamat) from penduduk").fetchone() == (90, "JL RAHASIA 77")


def test_everything_in_the_office_is_private(batch: Batch) -> None:
    """If this fails, another account on the machine reads extracts, reasons of refusal, or keys."""
    from office_kit.files import write

    from tasks.receive import receive

    office = batch.office
    with pytest.raises(UserError):
        receive(office, [write(office.inbox / "buruk.csv", "NIK;Hobi\n1;2\n")], None, (NOW, "inbox"))
    with open_store(office) as con:
        copy_published(Opened(batch, con))
    allowed = {"dir": {0o700}, "file": {0o600, 0o440}}
    modes = {path: path.stat().st_mode & 0o777 for path in [office.home, *office.home.rglob("*")]}
    wrong = {
        str(path.relative_to(office.home)): oct(mode)
        for path, mode in modes.items()
        if mode not in allowed["dir" if path.is_dir() else "file"]
    }
    assert not {path: mode for path, mode in wrong.items() if not path.startswith(("scratch/", "keys"))}
    assert office.key_file.stat().st_mode & 0o777 == 0o600


def test_another_key_does_not_open_the_store(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, the wrong key opens an empty office, or its message tells the key."""
    key = "ab" * 32
    monkeypatch.setenv("SINKRON_KEY", key)
    with pytest.raises(UserError) as caught, open_store(Office(batch.office.home)):
        pass
    assert caught.value.exit_code is Exit.OFFICE
    assert "kunci tidak cocok" in str(caught.value)
    assert key not in str(caught.value)
    assert Office(batch.office.home).key("store").hex() not in str(caught.value)


def test_an_unencrypted_store_is_not_opened(office: Office) -> None:
    """If this fails, a store put there by somebody else is filled with residents in plain text."""
    with duckdb.connect(str(office.store)) as con:
        con.execute("create table t (a int)")
    with pytest.raises(UserError) as caught, open_store(office):
        pass
    assert caught.value.exit_code is Exit.OFFICE


HOLD = """
import sys, time
from pathlib import Path
from tasks.office import Office
from tasks.store import open_store
with open_store(Office(Path(sys.argv[1]))):
    print("open", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_a_busy_store_is_waited_for(office: Office) -> None:
    """If this fails, two steps at the same time end in a traceback instead of one after the other."""
    with subprocess.Popen([sys.executable, "-c", HOLD, office.home, "0.5"], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "open\n"
        with open_store(office) as con:
            assert con.execute("select count(*) from steps").fetchall() == [(0,)]
        assert other.wait() == 0


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "ab" * 31])
def test_a_damaged_key_is_told(office: Office, content: str) -> None:
    """If this fails, a damaged key gives a traceback, or a store under a key nobody has."""
    office.key_file.write_text(content)
    with pytest.raises(UserError) as caught:
        Office(office.home).key("store")
    assert caught.value.exit_code is Exit.OFFICE


def test_a_lost_key_is_not_replaced(batch: Batch) -> None:
    """If this fails, the office makes a new key beside the data of the old one, and both are lost."""
    batch.office.key_file.unlink()
    with pytest.raises(UserError, match="kunci hilang"):
        Office(batch.office.home).create()
    assert not batch.office.key_file.exists()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_open_to_others_is_not_used(office: Office, mode: int) -> None:
    """If this fails, a key that others could copy is trusted."""
    office.key_file.chmod(mode)
    with pytest.raises(UserError, match="terbuka untuk orang lain"):
        Office(office.home).key("store")


def test_keys_have_one_purpose_each(office: Office) -> None:
    """If this fails, whoever learns the pseudonym key can open the store."""
    keys = {office.key(purpose) for purpose in ("store", "totp", "pseudonym")}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert office.key("store") == Office(office.home).key("store")
    before = office.key_file.read_bytes()
    office.create()
    assert office.key_file.read_bytes() == before
