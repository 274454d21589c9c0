"""Fictional people through the whole SOP on a real Prefect server, every step failing first, for the scanner to read.

Run as a script: ``python -m office_kit.leaks_run HOME [all]``; PREFECT_API_URL names the server, SINKRON_HOME is HOME.
``all``: every cause at every point, else one cause each.
"""

import importlib
import itertools
import logging
import os
import shutil
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import httpx
import openpyxl
import polars as pl
import pydantic

from flows import settings
from flows.rest import Api, Run
from office_kit.clones import asked, fresh_code
from office_kit.files import Row, write_csv, write_letter
from office_kit.leaks import marked
from office_kit.scene import api_of_this_process, deploy, work_on
from office_kit.sheets import fill
from office_kit.signers import NIP
from office_kit.small import RESIDENTS, ROWS, found_office, row_ids
from tasks.approvals.docket import FORM
from tasks.approvals.secrets import STEP_SECONDS
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.retention import purge
from tasks.store import open_store

PEOPLE: tuple[Row, ...] = tuple(map(marked, RESIDENTS))
RECEIVED: tuple[Row, ...] = tuple(map(marked, ROWS))
NAME, NIK = str(PEOPLE[1]["NAMA_LGKP"]), str(PEOPLE[1]["NIK"])
EXTRACT, LETTER = f"ganda {NAME} {NIK}.csv", f"surat {NAME}.json"  # whoever names files so is not asked to stop
MOST_TRIES = 400


class Bad(pydantic.BaseModel):
    """Refuses everything and quotes it."""

    nik: int


def _chained() -> None:
    try:
        int(NAME)
    except ValueError as cause:
        error = RuntimeError(f"baris {NIK}")
        error.add_note(f"catatan: {NAME}")
        raise error from cause


def _broken_workbook() -> None:
    path = Path(sys.argv[1]) / "scratch" / f"{NAME}.xlsx"
    path.write_bytes(b"PK\x03\x04 bukan zip")
    openpyxl.load_workbook(path)


def _warned() -> None:
    logging.getLogger("lain.pustaka").debug("tidak ada data di sini")
    warnings.warn("tidak ada data di sini", stacklevel=1)
    raise ExceptionGroup(NAME, [KeyError(NIK), TypeError(NAME)])


# What real libraries say of a value they can not work with. Each of these texts quotes a canary.
CAUSES: dict[str, Callable[[], object]] = {
    "duckdb": lambda: duckdb.sql(f"select '{NAME}'::date").fetchall(),
    "polars": lambda: pl.Series([NAME, NIK + "X"]).cast(pl.Int64),
    "number": lambda: int(NAME),
    "key": lambda: {}[NIK],
    "date": lambda: date.fromisoformat(NAME),
    "text": f"{NAME}\udcff".encode,
    "path": (Path("/tidak-ada") / NAME / NIK).read_bytes,
    "form": lambda: Bad.model_validate({"nik": NAME}),
    "chain": _chained,
    "workbook": _broken_workbook,
    "group": _warned,
}
# Where the flow calls what works on data: inside its tasks, and in its own body between them.
POINTS = (
    "flows.steps.receive", "flows.sop.finished", "flows.steps.load", "flows.steps.validate",
    "tasks.resolve.run.resolve", "flows.steps.reconcile", "flows.sop.docket", "flows.steps.propose",
    "flows.steps.write_worksheet", "flows.steps.write_findings_report", "tasks.page_of.one_page",
    "flows.sop.record_proposal", "flows.steps.digest", "tasks.documents.verification_sheet.verification_sheet",
    "flows.asking.docket", "flows.gates.with_worksheet", "flows.gates.decide", "flows.steps.store_decisions",
    "flows.steps.verify", "flows.steps.apply", "tasks.documents.after.papers_after", "flows.paper_steps.issue_once",
    "flows.artifacts.markdown", "flows.steps.publish", "flows.purge.still_stands", "flows.purge.purge",
    "flows.purge.destroy",
)  # fmt: skip


@dataclass
class Sabotage:
    """Every point fails before it works: with each of its causes, once. ``left``: the causes still to come."""

    left: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def at_every_point(cls, *, every_cause: bool) -> "Sabotage":
        """All points, each with all causes or with the next one."""
        turn = itertools.cycle(CAUSES)
        made = cls({point: list(CAUSES) if every_cause else [next(turn)] for point in POINTS})
        for point in POINTS:
            module, name = point.rsplit(".", 1)
            held = importlib.import_module(module)
            setattr(held, name, made.failing(point, getattr(held, name)))
        return made

    def failing(self, point: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            if self.left[point]:
                CAUSES[self.left[point].pop(0)]()
                raise AssertionError("a cause that is none")
            return function(*args, **kwargs)

        return called


def deliver(office: Office) -> None:
    """The extract and its letter, which names a resident, arrive in the inbox."""
    sexes = [row["JENIS_KLMIN"] for row in RECEIVED]
    totals = {"jumlah": len(RECEIVED), "laki": sexes.count("1"), "perempuan": sexes.count("2")}
    write_csv(office.inbox / EXTRACT, RECEIVED)
    write_letter(office.inbox / LETTER, {EXTRACT: totals}, perihal=f"Data ganda a.n. {NAME}")


def main(home: Path, *, every_cause: bool) -> None:
    """Everything; ends with an error when the batch does not come to its end or a point never failed."""
    office, _ = found_office(home, PEOPLE)
    deliver(office)
    deploy()
    sabotage = Sabotage.at_every_point(every_cause=every_cause)
    batch = Batch(office, api_of_this_process(), work_on)
    batch.start({"berkas": [EXTRACT], "surat": LETTER})
    for answer in batch.answers():
        batch.go()
        batch.say(answer)
    batch.go()
    assert batch.run.state == "Completed", batch.run
    destroy(batch)
    never = [point for point, left in sabotage.left.items() if left]
    assert not never, never


def destroy(written: "Batch") -> None:
    """The batch's data are destroyed as well, as if its period were over and nobody waited for an answer any more."""
    from flows.purge import pemusnahan

    purge.check_may = lambda *_: None
    with open_ledger(written.office) as ledger, open_store(written.office) as con:
        asked_for = (written.run.agenda, f"masa simpan habis, a.n. {NIK}", datetime.now(UTC))
        case = purge.propose_purge(con, ledger, written.office, asked_for)
    gone = Batch(
        written.office, written.api, lambda run_id: work_on(run_id, pemusnahan), written.api.start(case.agenda)
    )
    for _ in NIP:
        gone.go()
        gone.say({})
    gone.go()
    assert gone.run.state == "Completed", gone.run


@dataclass
class Batch:
    """One run and the people who answer its forms; ``work``: carries it on once, as a runner does, or waits for one."""

    office: Office
    api: Api
    work: Callable[[str], None]
    run_id: str = ""
    failures: int = 0

    def start(self, parameters: dict[str, object]) -> None:
        """The run as Prefect's pages start one."""
        address = f"{self.api.url}/deployments/name/{settings.FLOW}/{settings.DEPLOYMENT}"
        deployment = httpx.get(address, timeout=60).json()["id"]
        made = httpx.post(
            f"{self.api.url}/deployments/{deployment}/create_flow_run", json={"parameters": parameters}, timeout=60
        )
        self.run_id = str(made.raise_for_status().json()["id"])

    @property
    def run(self) -> Run:
        return next(run for run in self.api.runs() if run.id == self.run_id)

    def go(self) -> None:
        """Works until somebody is asked or all is done; whatever failed is taken up again."""
        for _ in range(MOST_TRIES):
            run = self.run
            if run.gate or run.state == "Completed":
                return
            if run.state == "Failed":
                self.failures += 1
                assert "rincian: scratch/" in run.message, run.message
                self.api.revive(run)
            self.work(self.run_id)
        raise AssertionError(self.run)

    def answers(self) -> Iterator[dict[str, str]]:
        """Staff sends a broken sheet with a wrong code, then both right; the Kasi says Tidak; then all agree."""
        sheet = next(self.office.desk.glob("*.xlsx")) if self.run_id and self.at_gate() else None
        assert sheet
        broken = sheet.with_name("rusak.xlsx")
        shutil.copy(sheet, broken)  # as private as the sheet
        os.truncate(broken, 3000)
        yield {"lembar_kerja": broken.name, "catatan": f"NIK {NIK}", "kode": "000000"}
        fill(sheet, {row_ids("document")[0]: ("diperbaiki", "TGL_LHR", "1991-02-14", f"akta {NAME}"),
                     row_ids("biometric")[0]: ("ditunda", None, None, f"menunggu {NAME}")})  # fmt: skip
        yield {"lembar_kerja": sheet.name}
        yield {"keputusan": "Tidak", "catatan": f"NIK {NIK} salah, juga {NIK[:6]} {NIK[6:12]} {NIK[12:]}"}
        for _ in ("staff", "kasi", "kabid", "kadis"):
            yield {}

    def at_gate(self) -> bool:
        """Whether somebody is asked now."""
        self.go()
        return self.run.gate is not None

    def say(self, changes: dict[str, str]) -> None:
        """Whoever is asked fills the form in, with a code of now."""
        role = str(self.run.role)
        decision = "Ajukan" if role == "staff" else "Ya"
        with open_ledger(self.office) as ledger:
            file_code = asked(ledger, self.run.agenda, FORM).case.code
            code, at = fresh_code(self.office, ledger, role)
        time.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds() - STEP_SECONDS))  # one step ahead counts
        form = {"keputusan": decision, "catatan": "", "nip": NIP[role], "kode": code, "kode_berkas": file_code}
        self.api.resume(self.run, form | changes)


if __name__ == "__main__":
    main(Path(sys.argv[1]), every_cause=sys.argv[2:] == ["all"])
