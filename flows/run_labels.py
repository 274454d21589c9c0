"""What Prefect shows of a run: its name, its tags and its parameters; an agenda number and a role, never a person."""

from uuid import UUID

from prefect import runtime
from prefect.client.orchestration import SyncPrefectClient, get_client

from flows.rest import ABOUT, WAITING


def label_run(client: SyncPrefectClient, run_id: UUID, agenda: str, waits_for: str | None) -> None:
    """Names and tags the run by its agenda number and by whom it waits for."""
    run = client.read_flow_run(run_id)
    tags = [tag for tag in run.tags if not tag.startswith((WAITING, ABOUT))] + [f"{ABOUT}{agenda}"]
    if waits_for:
        tags.append(f"{WAITING}{waits_for}")
    name = f"agenda {agenda} menunggu {waits_for}" if waits_for else f"agenda {agenda}"
    client.update_flow_run(run_id, tags=tags, name=name)


def waits_for_nobody(agenda: str) -> None:
    """Name and tags of the present run say so: who answers on the terminal leaves the last gate's behind."""
    with get_client(sync_client=True) as client:
        label_run(client, UUID(str(runtime.flow_run.id)), agenda, None)


def now_about(run_id: str, agenda: str) -> None:
    """The run of a form's files is labelled by their agenda number, which takes the place of their names."""
    with get_client(sync_client=True) as client:
        label_run(client, UUID(run_id), agenda, None)
    forget_names(run_id, agenda)


def forget_names(run_id: str, agenda: str = "") -> None:
    """Names of files leave the run's parameters: a sender may have put a person into them."""
    with get_client(sync_client=True) as client:
        client.update_flow_run(UUID(run_id), parameters={"berkas": [], "surat": "", "agenda": agenda})
