"""A small office: some forty residents, one extract in which every way a row can end occurs by design."""

import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from office_kit.files import Row, write_csv, write_letter
from office_kit.residents import again, nik_of, resident
from office_kit.residents import born as born_on
from office_kit.signers import NOW, Desk, staff_an_office
from tasks.load import ROWS_PER_FILE, load, load_baseline
from tasks.office import Office
from tasks.propose import propose
from tasks.receive import Receipt, receive
from tasks.reconcile.run import reconcile
from tasks.resolve.run import resolve
from tasks.steps import Summary
from tasks.store import open_store
from tasks.validate import Terms, validate

AS_OF = "2026-10-06"
UNRECORDED = "BELUM REKAM"


def _twice(number: int, other: int, status: str) -> Row:
    """A second register record of resident ``number`` under another NIK."""
    person = resident(number)
    nik = nik_of(born_on(person), str(person["JENIS_KLMIN"]), 9000 + other)
    return again(person, NIK=nik, NO_KK=resident(other)["NO_KK"], ALAMAT="JL LAIN NO 7", EKTP_STATUS=status)


def _family() -> tuple[Row, Row, Row]:
    head = resident(4, STAT_KWN="2")
    wife = resident(5, STAT_KWN="2", STAT_HBKEL="3", NO_KK=head["NO_KK"])
    young = {"TGL_LHR": "2008-05-14", "NIK": nik_of(date(2008, 5, 14), str(resident(6)["JENIS_KLMIN"]), 9006)}
    child = resident(6, STAT_HBKEL="4", NO_KK=head["NO_KK"], NAMA_LGKP_AYAH=head["NAMA_LGKP"],
                     NAMA_LGKP_IBU=wife["NAMA_LGKP"], **young)  # fmt: skip
    return head, wife, child


def _twins() -> tuple[Row, Row]:
    first = resident(15)
    nik = nik_of(born_on(first), str(first["JENIS_KLMIN"]), 9016)
    return first, again(first, NIK=nik, NAMA_LGKP=resident(16)["NAMA_LGKP"], STAT_HBKEL="9")


HEAD, WIFE, CHILD = _family()
TWIN, OTHER_TWIN = _twins()
ABROAD = {"NO_KAB": "15", "NO_KEC": "01", "NO_KEL": "2001"}

RESIDENTS: tuple[Row, ...] = (
    *(resident(n) for n in (0, 2, 3)), HEAD, WIFE, CHILD,
    resident(7), _twice(7, 8, UNRECORDED), resident(9), _twice(9, 10, UNRECORDED), resident(11),
    _twice(11, 12, "CARD PRINTED"), resident(13), TWIN, OTHER_TWIN, *(resident(n) for n in (17, 18, 19, 20)),
    resident(21, STAT_HBKEL="9"), resident(22), *(resident(n) for n in range(30, 50)),
)  # fmt: skip

# Scenario -> the rows received for it. The number of a line is its place in ROWS + 2.
SCENARIOS: dict[str, tuple[Row, ...]] = {
    "clean": (resident(0),),
    "abroad": (resident(1, **ABROAD),),
    "spelling": (resident(2, NAMA_LGKP=str(resident(2)["NAMA_LGKP"]).replace(" ", "  ")),),
    "symbol": (resident(3, NAMA_LGKP=str(resident(3)["NAMA_LGKP"]).replace("I", "1")),),
    "parents": (CHILD,),
    "loser": (_twice(7, 8, UNRECORDED),),
    "winner": (resident(9),),
    "biometric": (resident(11),),
    "partner abroad": (resident(13), again(_twice(13, 14, "CARD PRINTED"), **ABROAD)),
    "twins": (TWIN, OTHER_TWIN),
    "two families": (resident(17), resident(17, NO_KK="3576021406129990")),
    "copy": (resident(18), resident(18)),
    "document": (resident(19, TGL_LHR="1990-02-14"),),
    "broken nik": (resident(20, NIK=str(resident(20)["NIK"])[:15]),),
    "lone member": (resident(21, STAT_HBKEL="9"),),
    "possible": (resident(60, NAMA_LGKP=resident(22)["NAMA_LGKP"], TGL_LHR=resident(22)["TGL_LHR"],
                          JENIS_KLMIN=resident(22)["JENIS_KLMIN"], NIK=nik_of(born_on(resident(22)), "1", 9060),
                          TMPT_LHR=resident(22)["TMPT_LHR"], NAMA_LGKP_AYAH=None),),
}  # fmt: skip
ROWS: tuple[Row, ...] = tuple(row for rows in SCENARIOS.values() for row in rows)


def row_ids(scenario: str) -> list[int]:
    """The row_id of each row of a scenario."""
    start = 0
    for name, rows in SCENARIOS.items():
        if name == scenario:
            return [ROWS_PER_FILE + 2 + start + at for at in range(len(rows))]
        start += len(rows)
    raise KeyError(scenario)


def resident_id(person: Row) -> int:
    """The register's id of a baseline resident."""
    return RESIDENTS.index(person) + 1


@dataclass
class Batch:
    """A prepared office: ``desk`` to sign at, ``receipt``, and the summary of each step."""

    office: Office
    desk: Desk
    receipt: Receipt
    done: dict[str, Summary]

    @property
    def agenda(self) -> str:
        return self.receipt.agenda

    @property
    def digest(self) -> str:
        return str(self.done["propose"]["digest"])

    def sign(self) -> None:
        """All levels approve the proposal of round 1."""
        self.desk.case = (self.agenda, 1, self.digest)
        self.desk.rests_on = self.done["propose"]["rests_on"]
        self.desk.sign()


@dataclass
class Opened:
    """A batch with its store open."""

    batch: Batch
    con: duckdb.DuckDBPyConnection


def found_office(home: Path, residents: tuple[Row, ...] = RESIDENTS) -> tuple[Office, Desk]:
    """An office with people and residents, and nothing received."""
    office = Office(home)
    office.create()
    desk = staff_an_office(office)
    with open_store(office) as con:
        load_baseline(con, office, write_csv(home / "scratch" / "awal.csv", residents, delimiter=","))
    return office, desk


def receive_rows(office: Office, rows: tuple[Row, ...], name: str = "ganda.csv") -> Receipt:
    """One extract with its letter arrives in the inbox and is received."""
    sexes = [row["JENIS_KLMIN"] for row in rows]
    totals = {"jumlah": len(rows), "laki": sexes.count("1"), "perempuan": sexes.count("2")}
    letter = write_letter(office.inbox / f"{name}.json", {name: totals})
    return receive(office, [write_csv(office.inbox / name, rows)], letter, (NOW, "inbox"))


def run_steps(con: duckdb.DuckDBPyConnection, office: Office, receipt: Receipt) -> dict[str, Summary]:
    """Load, validate, resolve, draft."""
    agenda = receipt.agenda
    return {
        "load": load(con, office, receipt),
        "validate": validate(con, agenda, Terms(AS_OF)),
        "resolve": resolve(con, agenda),
        "reconcile": reconcile(con, agenda, AS_OF),
        "draft": propose(con, agenda, 1, step="draft"),
    }


def prepare(home: Path, rows: tuple[Row, ...] = ROWS, residents: tuple[Row, ...] = RESIDENTS) -> Batch:
    """An office with one batch proposed in round 1 and not yet decided."""
    office, desk = found_office(home, residents)
    receipt = receive_rows(office, rows)
    with open_store(office) as con:
        done = run_steps(con, office, receipt)
        done["propose"] = propose(con, receipt.agenda, 1)
    return Batch(office, desk, receipt, done)


def copy_of(source: Batch, home: Path) -> Batch:
    """Another office with the same files and keys."""
    shutil.copytree(source.office.home, home)
    office = Office(home)
    return replace(source, office=office, desk=Desk(office, source.desk.secrets), done=dict(source.done))
