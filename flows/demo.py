"""``sinkron demo``: a whole office in one command, with fictional people and codes. DEMO is marked everywhere."""

import shutil
import sys
import time
from datetime import UTC, datetime

import pyotp

from expectations.approvals import LEVELS, STAFF
from flows import settings
from flows.rest import Api, Run
from flows.supervisor import running_office, stop_on_signals
from tasks.approvals.people import Mandate, Person, people, register
from tasks.approvals.secrets import STEP_SECONDS, secret_of
from tasks.approvals.waiting import waiting
from tasks.errors import Exit, Problem, SinkronError, UserError
from tasks.ledger import open_ledger
from tasks.office import WIB, Office

DEMO_PEOPLE = (
    (Person("199503032020122901", "DEMO Staff Rahayu", demo=True), Mandate(STAFF.role)),
    (Person("198502022010011902", "DEMO Kasi Wibowo", demo=True), Mandate("kasi")),
    (Person("197801012003122903", "DEMO Kabid Lestari", demo=True), Mandate("kabid")),
    (Person("197004041995031904", "DEMO Kadis Santoso", demo=True), Mandate("kadis")),
)
BASELINE = "penduduk_dkb_semester1_2026.csv"
INCOMING = ("ditjen_ganda_2026_10.csv", "ditjen_anomali_2026_10.xlsx", "surat_pengantar.json")
TICK_SECONDS = 0.25


def prepare(office: Office) -> None:
    """Registers the demo people, loads the baseline, puts extracts and letter into the inbox. Can run again."""
    from tasks.load import load_baseline
    from tasks.store import open_store

    with open_ledger(office) as ledger:
        known = people(ledger)
        if any(not person.demo for person in known.values()) or (office.store.exists() and not known):
            raise UserError(Exit.OFFICE, Problem(str(office.home), "kantor sungguhan", "kantor kosong atau kantor DEMO",
                                                 "pakai SINKRON_HOME lain untuk percobaan"))  # fmt: skip
        fresh = not known
        for person, mandate in DEMO_PEOPLE:
            if person.nip not in known:
                register(ledger, office.key("totp"), (person, mandate), datetime.now(UTC))
    with open_store(office) as con:
        load_baseline(con, office, settings.SAMPLES / BASELINE)
    if fresh:
        for name in INCOMING:
            shutil.copyfile(settings.SAMPLES / name, office.inbox / name)


def code_for(office: Office, role: str) -> tuple[Person, str, int]:
    """The demo person of a role, the code to type now, and for how many seconds it is shown."""
    with open_ledger(office) as ledger:
        day = datetime.now(WIB).date().isoformat()
        person = next(p for p in people(ledger).values() if p.demo and p.mandate(role, day))
        totp = pyotp.TOTP(secret_of(ledger, office.key("totp"), person.nip), interval=STEP_SECONDS)
    now = datetime.now(UTC)
    return person, totp.at(now), STEP_SECONDS - int(now.timestamp()) % STEP_SECONDS


def file_code_for(office: Office, agenda: str) -> str:
    """The kode berkas of what is asked about now."""
    with open_ledger(office) as ledger:
        return next(case.case.code for case in waiting(ledger, datetime.now(UTC)) if case.batch.agenda == agenda)


def demo(office: Office, *, auto: bool) -> int:
    """Runs the demo until Ctrl-C, or with ``auto`` answers every gate itself and ends. Returns the exit code."""
    started = time.monotonic()
    stop_on_signals()
    office.create()
    _say(f"DEMO Sinkron - kantor percobaan di {office.home}")
    _say("DEMO - menyiapkan server Prefect, data awal dan berkas Ditjen ...")
    with running_office(office) as api:
        prepare(office)
        _say(f"DEMO - Prefect UI: {api.url.removesuffix('/api')}")
        return _answer_all(office, api, started) if auto else _show_turns(office, api, started)


def _answer_all(office: Office, api: Api, started: float) -> int:
    answered: set[str] = set()
    while True:
        run = _newest(api)
        if run and run.is_final and run.state != "Crashed":
            return _report(office, run, started)
        if run and run.gate and run.gate not in answered and run.role:
            person, code, _ = code_for(office, run.role)
            choice = "Ajukan" if run.role == STAFF.role else "Ya"
            typed = {"keputusan": choice, "catatan": "", "nip": person.nip, "kode": code}
            api.resume(run, typed | {"kode_berkas": file_code_for(office, run.agenda)})
            answered.add(run.gate)
            _say(f"[{time.monotonic() - started:5.1f} s] DEMO - {LEVELS[run.role].title} menjawab: {choice}")
        time.sleep(TICK_SECONDS)


def _newest(api: Api) -> Run | None:
    return next(iter(api.runs()), None)


def _report(office: Office, run: Run, started: float) -> int:
    """What was written, from the store and the ledger (not from Prefect)."""
    from tasks.report import report
    from tasks.store import open_store

    _say(f"[{time.monotonic() - started:5.1f} s] DEMO - run {run.state}")
    if run.state != "Completed":
        raise SinkronError(f"run berakhir {run.state}: {run.message}")
    with open_ledger(office) as ledger, open_store(office) as con:
        _say(report(con, ledger, office))
    return 0


def _show_turns(office: Office, api: Api, started: float) -> int:
    """Prints whose turn it is at every gate, and a fresh DEMO code whenever the last one ran out."""
    shown: tuple[str, str] | None = None
    try:
        while True:
            run = _newest(api)
            if run and run.gate and run.role:
                shown = _show(office, api, (run, shown), started)
            elif run and run.is_final and run.state != "Crashed" and shown != (run.id, "end"):
                _report(office, run, started)
                _say("DEMO - selesai. Tekan Ctrl-C untuk menutup.")
                shown = (run.id, "end")
            time.sleep(TICK_SECONDS * 2)
    except KeyboardInterrupt:
        _say("\nDEMO - menutup server dengan rapi ...")
    return 0


def _show(office: Office, api: Api, state: tuple[Run, tuple[str, str] | None], started: float) -> tuple[str, str]:
    run, shown = state
    level = LEVELS[run.role or STAFF.role]
    person, code, seconds = code_for(office, level.role)
    if shown is None or shown[0] != f"{run.id}{run.gate}":
        choice = "Ajukan" if level is STAFF else "Ya atau Tidak (Tidak wajib catatan)"
        _say("\n".join([
            "", f"[{time.monotonic() - started:5.1f} s] DEMO - menunggu {level.title}: {level.activity} ({run.gate})",
            f"  Buka      : {api.page(run)}", "  Klik      : menu titik tiga (kanan atas) -> Resume, isi formulir",
            f"  Keputusan : {choice}",
            f"  Kode berkas: {file_code_for(office, run.agenda)}  (tertulis pada lembar usulan, tab Artifacts)",
            f"  NIP       : {person.nip}  ({person.name})",
        ]))  # fmt: skip
        if level is STAFF:
            _say(f"  Lembar kerja (boleh kosong): {office.desk}")
    if shown != (f"{run.id}{run.gate}", code):
        _say(f"  Kode DEMO : {code}  (tampil {seconds} detik lagi)")
    return f"{run.id}{run.gate}", code


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
