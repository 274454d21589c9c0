"""The gates, on a real Prefect server in this process (facts: resume re-runs the body from the top)."""

from collections import Counter
from typing import Any

import pytest
from office_kit.files import write

from expectations.approvals import CHAIN
from tasks.errors import RuleCrashedError
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.office import Office
from tasks.steps import finished
from tasks.store import open_store

pytestmark = pytest.mark.server
ROLES = [level.role for level in CHAIN]


def written(office: Office) -> list[Any]:
    with open_ledger(office) as ledger:
        return entries(ledger, kind=Kind.WRITTEN)


def task_names(run: Any) -> Counter[str]:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    with get_client(sync_client=True) as client:
        wanted = FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
        found = client.read_task_runs(flow_run_filter=wanted)
    return Counter(task.name.rsplit("-", 1)[0] for task in found)


def test_straight_way(drive: Any, office: Office, agenda: str) -> None:
    """If this fails, a batch that everybody approved is not written, or a step of the SOP runs twice."""
    run = drive(agenda=agenda)
    for gate in ("staff-r1-c1", *(f"{role}-r1-c1" for role in ROLES)):
        assert run.gate == gate
        assert not written(office)
        run.answer()
    assert run.state == "Completed"
    (entry,) = written(office)
    assert entry.payload["received"] == sum(entry.payload["outcomes"].values()) + entry.payload["rejected"]
    assert set(task_names(run).values()) == {1} | ({2} if task_names(run)["menyusun usulan"] == 2 else set())
    with open_ledger(office) as ledger:
        assert verify(ledger)[0] > 0


def test_no_leads_back_to_staff(drive: Any, office: Office, agenda: str) -> None:
    """If this fails, a Tidak is overheard: the case goes on, or Kasi's old paraf counts in the new round."""
    run = drive(agenda=agenda)
    run.answer()
    run.answer()
    run.answer("Tidak", catatan="periksa ulang pasangan pertama")
    assert run.gate == "staff-r2-c1"
    assert "periksa ulang pasangan pertama" in run.form()
    run.answer()
    assert run.gate == "kasi-r2-c1"  # Kasi is asked again: the old signature is void
    for _ in ROLES:
        run.answer()
    assert run.state == "Completed"
    assert written(office)[0].payload["round"] == 2


def test_no_without_note_is_asked_again(drive: Any, agenda: str) -> None:
    """If this fails, Staff gets work back without being told what is wrong with it."""
    run = drive(agenda=agenda)
    run.answer()
    run.answer("Tidak")
    assert run.gate == "kasi-r1-c2"
    assert "Tidak wajib disertai catatan" in run.form()


def test_wrong_code_and_wrong_person(drive: Any, office: Office, agenda: str) -> None:
    """If this fails, anybody who can open the UI can sign as Kasi, or an honest mistake ends the run."""
    run = drive(agenda=agenda)
    run.answer()
    run.answer(kode="000000")
    assert run.gate == "kasi-r1-c2"
    assert "NIP atau kode tidak cocok" in run.form()
    run.answer(nip="198001012005011999", kode="123456")  # nobody we know: the same words
    assert "NIP atau kode tidak cocok" in run.form()
    run.answer(nip="197801012003122903", kode=run.code("kabid"))  # a real person, of another level
    assert run.gate == "kasi-r1-c4"
    assert "tidak memegang jabatan" in run.form()
    run.answer()
    assert run.gate == "kabid-r1-c1"


def test_forced_on_without_a_form(drive: Any, office: Office, agenda: str) -> None:
    """If this fails, whoever reaches the API signs by forcing the run's state."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.objects import State, StateType

    run = drive(agenda=agenda)
    run.answer()
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run.id, State(type=StateType.SCHEDULED), force=True)
    run.go()
    assert run.gate == "kasi-r1-c2"
    with open_ledger(office) as ledger:
        assert [e.payload["role"] for e in entries(ledger, agenda, Kind.DECISION)] == ["staff"]


def test_retry_of_a_failed_run_asks_again(drive: Any, office: Office, agenda: str) -> None:
    """If this fails, one crash of the machine leaves a batch that nobody can approve any more (Prefect 3.8.8, 409)."""
    from prefect.client.orchestration import get_client
    from prefect.states import AwaitingRetry, Failed

    run = drive(agenda=agenda)
    run.answer()
    assert run.gate == "kasi-r1-c1"
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run.id, Failed(), force=True)
        client.set_flow_run_state(run.id, AwaitingRetry())  # what Retry in the UI does
    run.go()
    assert str(run.gate).startswith("kasi-r1-")
    for _ in ROLES:
        run.answer()
    assert run.state == "Completed"
    assert len(written(office)) == 1


def test_planted_answer_is_dropped(drive: Any, office: Office, agenda: str) -> None:
    """If this fails, an answer planted before the gate opens is taken for the official's own."""
    from prefect.client.orchestration import get_client

    run = drive(agenda=agenda)
    with get_client(sync_client=True) as client:
        client.create_flow_run_input(run.id, "suspended-kasi-r1-c1-response", '{"keputusan": "Ya"}')
    run.answer()
    assert run.gate == "kasi-r1-c1"
    run.answer()
    assert run.gate == "kabid-r1-c1"


def test_completed_by_force_writes_nothing(drive: Any, office: Office, agenda: str) -> None:
    """If this fails, marking a run Completed in the UI changes residents' data."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.objects import State, StateType

    run = drive(agenda=agenda)
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run.id, State(type=StateType.COMPLETED), force=True)
    with open_store(office) as con:
        assert ("apply", 0) not in finished(con, agenda)
    assert not written(office)


def test_new_run_continues_where_the_ledger_stands(drive: Any, office: Office, agenda: str) -> None:
    """If this fails, losing Prefect's database loses signatures, or makes people sign again."""
    first = drive(agenda=agenda)
    first.answer()
    first.answer()
    second = drive(agenda=agenda)
    assert second.gate == "kabid-r1-c1"
    second.answer()
    second.answer()
    assert second.state == "Completed"
    assert len(written(office)) == 1
    assert not task_names(second)["memuat"]


def test_edited_code_changes_nothing_approved(
    drive: Any, office: Office, agenda: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, deploying new code between Kasi and Kadis writes something nobody approved."""
    run = drive(agenda=agenda)
    run.answer()
    with open_store(office) as con:
        digest = finished(con, agenda)[("propose", 1)]["digest"]
    monkeypatch.setattr("flows.steps.propose", lambda *_, **__: {"digest": "x" * 64, "needs_person": 0})
    monkeypatch.setattr("tasks.resolve.run.resolve", lambda *_: pytest.fail("a finished step ran again"))
    for _ in ROLES:
        run.answer()
    assert run.state == "Completed"
    assert written(office)[0].payload["digest"] == digest


def test_changed_row_goes_back_to_staff(drive: Any, office: Office, agenda: str) -> None:
    """If this fails, a row edited in the store after the signatures is written as if it had been approved."""
    run = drive(agenda=agenda)
    for _ in range(3):
        run.answer()
    with open_store(office) as con:
        con.execute("update outcomes set outcome = 'usul nonaktif' where row_id = (select min(row_id) from outcomes)")
        before = con.execute("select sum(hash(p)) from penduduk p").fetchone()
    run.answer()
    assert run.gate == "staff-r2-c1"
    assert "Ronde 1 gugur" in run.form()
    with open_store(office) as con:
        assert con.execute("select sum(hash(p)) from penduduk p").fetchone() == before
    assert not written(office)
    for _ in range(4):
        run.answer()
    assert run.state == "Completed"
    assert written(office)[0].payload["round"] == 2


def test_failures_tell_no_personal_data(drive: Any, agenda: str, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """If this fails, a NIK of an error message lies readable in Prefect's database and logs."""

    def explode(*_: Any) -> None:
        raise RuntimeError("NIK 3576014107809001 SITI CANARY")

    monkeypatch.setattr("tasks.resolve.run.resolve", explode)
    run = drive(agenda=agenda)
    assert run.state == "Failed"
    seen = run.read().state.message + caplog.text
    assert "3576014107809001" not in seen
    assert "CANARY" not in seen
    assert "mencari ganda" in seen


def test_crashed_rule_stops_the_run(drive: Any, office: Office, agenda: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a rule with a fault counts as "bad data" of real people."""

    def crash(*_: Any) -> None:
        raise RuleCrashedError("aturan gagal dijalankan: ANM-NIK-02")

    monkeypatch.setattr("flows.steps.validate", crash)
    run = drive(agenda=agenda)
    assert run.state == "Failed"
    assert "ANM-NIK-02" in run.read().state.message
    with open_store(office) as con:
        assert not con.execute("select * from findings").fetchall()


def test_started_from_the_ui_with_inbox_files(drive: Any, office: Office, tmp_path: Any) -> None:
    """If this fails, a data engineer cannot start the SOP from the Prefect UI, or a resume receives the file twice."""
    from tests.spec.conftest import EXTRACT_LINES, head

    head("ditjen_ganda_2026_10.csv", EXTRACT_LINES, office.inbox / "kiriman.csv")
    run = drive(berkas=["kiriman.csv"])
    assert run.gate == "staff-r1-c1"
    assert run.read().parameters == {"berkas": [], "surat": "", "agenda": "2026-0001"}
    run.answer()
    assert run.gate == "kasi-r1-c1"
    with open_ledger(office) as ledger:
        assert len(entries(ledger, kind=Kind.RECEIVED)) == 1


@pytest.mark.parametrize(("inbox", "asked", "told"), [
    ("NIK;HOBI\n1;2\n", "BUDI.csv", "kode 4, 2 masalah; lihat rejected/"),
    (None, "BUDI.csv", "isian ke-1: tidak ada di inbox/"), (None, "../BUDI.csv", "isian ke-1: tidak ada di inbox/"),
])  # fmt: skip
def test_a_refused_file_is_not_named_by_its_run(
    drive: Any, office: Office, inbox: str | None, asked: str, told: str
) -> None:
    """If this fails, whom a returned or mistyped file is about stays in Prefect's parameters and states for good."""
    if inbox:
        write(office.inbox / asked, inbox)
    run = drive(berkas=[asked])
    assert run.state == "Failed"
    assert told in run.read().state.message
    assert "BUDI" not in run.read().model_dump_json()


def test_a_file_that_is_still_written_keeps_its_run(drive: Any, office: Office) -> None:
    """If this fails, whoever starts a run while the file is copied has to type everything again."""
    name = write(office.inbox / "BUDI.csv.part", "NIK\n").name
    run = drive(berkas=[name])
    assert "berkas masih ditulis; jalankan lagi sesudah selesai disalin" in run.read().state.message
    assert run.read().parameters["berkas"] == [name]
