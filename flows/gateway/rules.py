"""Who may ask Prefect's server for what: a table, read from top to bottom; what stands nowhere in it nobody may.

Every route of Prefect 3.8.8 stands here, also those of machines alone, so that a new route of a new version is seen.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from tasks.office import AGENDA


class Role(StrEnum):
    """What a login may do. Staff and approvers have it by their mandate, the others by ``kantor.toml``."""

    VIEWER = "pengamat"
    ENGINEER = "teknisi"
    STAFF = "staff"
    APPROVER = "penyetuju"


class Act(StrEnum):
    """Requests whose content is looked into as well (flows.gateway.acts)."""

    RESUME = "isi"
    START = "mulai"
    STATE = "ubah"
    SETTINGS = "setelan"
    FORM = "bentuk"


@dataclass(frozen=True)
class Rule:
    """One line of the table. ``roles`` empty: machines alone. ``path``: a regular expression for the whole path."""

    roles: frozenset[Role]
    method: str
    template: str
    path: re.Pattern[str]
    act: Act | None


WHO: dict[str, tuple[frozenset[Role], Act | None]] = {
    "semua": (frozenset(Role), None),
    "teknisi": (frozenset({Role.ENGINEER}), None),
    "mesin": (frozenset(), None),
    "isi": (frozenset({Role.STAFF, Role.APPROVER}), Act.RESUME),
    "mulai": (frozenset({Role.ENGINEER}), Act.START),
    "ubah": (frozenset({Role.ENGINEER}), Act.STATE),
    "setelan": (frozenset(Role), Act.SETTINGS),
    "bentuk": (frozenset(Role), Act.FORM),
    "pemutus": (frozenset({Role.STAFF, Role.APPROVER}), None),
}
# A form's own two texts: the questions and what stands above them. What was typed into it is another input.
FORM = r"suspended-(?:staff|kasi|kabid|kadis)-r[0-9]{1,6}-c[0-9]{1,6}-(?:schema|description)"
PARAMETERS = {"id": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "form": FORM, "agenda": AGENDA.pattern}
# Pages of ours beside Prefect's: where a device key is enrolled, and where it signs (flows.gateway.devices).
OUR_PAGES = """
pemutus GET /kunci-perangkat
pemutus GET /kunci-perangkat/halaman.css
pemutus GET /kunci-perangkat/halaman.js
pemutus POST /kunci-perangkat/mulai
pemutus POST /kunci-perangkat/selesai
pemutus GET /tanda-tangan/{agenda}
pemutus POST /tanda-tangan/{agenda}/mulai
pemutus POST /tanda-tangan/{agenda}/selesai
"""
OURS = ("/kunci-perangkat", "/tanda-tangan")
ANY_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}"
TABLE = """
semua GET /health
semua GET /ready
semua GET /hello
semua GET /version
semua GET /csrf-token
semua GET /admin/version
setelan GET /admin/settings
mesin GET,PUT,DELETE /admin/storage

mesin POST /flows/
semua GET /flows/{id}
mesin PATCH,DELETE /flows/{id}
semua POST /flows/count
semua GET /flows/name/{name}
semua POST /flows/filter
mesin POST /flows/bulk_delete
semua POST /flows/paginate

isi POST /flow_runs/{id}/resume
ubah POST /flow_runs/{id}/set_state
semua GET /flow_runs/{id}/input/{form}
mesin GET,DELETE /flow_runs/{id}/input/{key}
mesin POST /flow_runs/{id}/input
mesin POST /flow_runs/{id}/input/filter
mesin POST /flow_runs/
semua GET /flow_runs/{id}
mesin PATCH,DELETE /flow_runs/{id}
semua POST /flow_runs/count
semua POST /flow_runs/lateness
semua POST /flow_runs/history
semua GET /flow_runs/{id}/graph
semua GET /flow_runs/{id}/graph-v2
semua POST /flow_runs/filter
semua POST /flow_runs/paginate
mesin POST /flow_runs/bulk_delete
mesin POST /flow_runs/bulk_set_state
semua GET /flow_runs/{id}/logs/download
mesin PATCH /flow_runs/{id}/labels

mesin POST /task_runs/
semua GET /task_runs/{id}
mesin PATCH,DELETE /task_runs/{id}
semua POST /task_runs/count
semua POST /task_runs/history
semua POST /task_runs/filter
semua POST /task_runs/paginate
mesin POST /task_runs/{id}/set_state
semua GET /flow_run_states/{id}
semua GET /flow_run_states/
semua GET /task_run_states/{id}
semua GET /task_run_states/

mulai POST /deployments/{id}/create_flow_run
mesin POST /deployments/{id}/create_flow_run/bulk
mesin POST /deployments/
semua GET /deployments/{id}
mesin PATCH,DELETE /deployments/{id}
semua GET /deployments/name/{flow_name}/{deployment_name}
semua POST /deployments/filter
semua POST /deployments/paginate
semua POST /deployments/count
mesin POST /deployments/get_scheduled_flow_runs
mesin POST /deployments/bulk_delete
mesin POST /deployments/{id}/schedule
mesin POST /deployments/{id}/resume_deployment
mesin POST /deployments/{id}/pause_deployment
semua GET /deployments/{id}/work_queue_check
semua GET /deployments/{id}/schedules
mesin POST /deployments/{id}/schedules
mesin PATCH,DELETE /deployments/{id}/schedules/{schedule_id}

mesin PUT /saved_searches/
semua GET /saved_searches/{id}
mesin DELETE /saved_searches/{id}
semua POST /saved_searches/filter
mesin POST /logs/
semua POST /logs/filter

mesin POST /concurrency_limits/
mesin GET,DELETE /concurrency_limits/{id}
mesin GET,DELETE /concurrency_limits/tag/{tag}
mesin POST /concurrency_limits/filter
mesin POST /concurrency_limits/tag/{tag}/reset
mesin POST /concurrency_limits/increment
mesin POST /concurrency_limits/decrement
mesin POST /v2/concurrency_limits/
mesin GET,PATCH,DELETE /v2/concurrency_limits/{id_or_name}
mesin POST /v2/concurrency_limits/filter
mesin POST /v2/concurrency_limits/increment
mesin POST /v2/concurrency_limits/increment-with-lease
mesin POST /v2/concurrency_limits/decrement
mesin POST /v2/concurrency_limits/decrement-with-lease
mesin POST /v2/concurrency_limits/leases/{lease_id}/renew

mesin POST /block_types/
mesin GET,PATCH,DELETE /block_types/{id}
mesin GET /block_types/slug/{slug}
mesin POST /block_types/filter
mesin GET /block_types/slug/{slug}/block_documents
mesin GET /block_types/slug/{slug}/block_documents/name/{block_document_name}
mesin POST /block_types/install_system_block_types
mesin POST /block_documents/
mesin POST /block_documents/filter
mesin POST /block_documents/count
mesin GET,DELETE,PATCH /block_documents/{id}
mesin POST /block_schemas/
mesin DELETE,GET /block_schemas/{id}
mesin POST /block_schemas/filter
mesin GET /block_schemas/checksum/{checksum}
mesin GET /block_capabilities/
mesin GET /collections/views/{view}
mesin POST /variables/
mesin GET,PATCH,DELETE /variables/{id}
mesin GET,PATCH,DELETE /variables/name/{name}
mesin POST /variables/filter
mesin POST /variables/count

mesin POST /work_pools/
semua GET /work_pools/{name}
mesin PATCH,DELETE /work_pools/{name}
semua POST /work_pools/filter
semua POST /work_pools/count
semua POST /work_pools/{name}/concurrency_status
mesin POST /work_pools/{name}/get_scheduled_flow_runs
mesin POST /work_pools/{work_pool_name}/queues
semua GET /work_pools/{work_pool_name}/queues/{name}
mesin PATCH,DELETE /work_pools/{work_pool_name}/queues/{name}
semua POST /work_pools/{work_pool_name}/queues/filter
mesin POST /work_pools/{work_pool_name}/workers/heartbeat
semua POST /work_pools/{work_pool_name}/workers/filter
mesin DELETE /work_pools/{work_pool_name}/workers/{name}
semua POST /task_workers/filter
mesin POST /work_queues/
semua GET /work_queues/{id}
mesin PATCH,DELETE /work_queues/{id}
semua GET /work_queues/name/{name}
mesin POST /work_queues/{id}/get_runs
semua POST /work_queues/filter
semua POST /work_queues/{id}/concurrency_status
semua GET /work_queues/{id}/status

mesin POST /artifacts/
semua GET /artifacts/{id}
mesin PATCH,DELETE /artifacts/{id}
semua GET /artifacts/{key}/latest
semua POST /artifacts/filter
semua POST /artifacts/latest/filter
semua POST /artifacts/count
semua POST /artifacts/latest/count

mesin POST /events
semua POST /events/filter
semua GET /events/filter/next
semua POST /events/count-by/{countable}
mesin POST /automations/
teknisi GET /automations/{id}
mesin PUT,PATCH,DELETE /automations/{id}
teknisi POST /automations/filter
teknisi POST /automations/count
teknisi GET /automations/related-to/{resource_id}
mesin DELETE /automations/owned-by/{resource_id}
mesin POST /templates/validate
mesin POST /automations/templates/validate

semua POST /ui/flows/count-deployments
semua POST /ui/flows/next-runs
semua POST /ui/flow_runs/history
semua POST /ui/flow_runs/count-task-runs
bentuk POST /ui/schemas/validate
semua POST /ui/task_runs/dashboard/counts
semua POST /ui/task_runs/count
semua GET /ui/task_runs/{id}

semua WS /events/out
semua WS /logs/out
mesin WS /events/in
mesin WS /task_runs/subscriptions/scheduled
mesin WS /work_pools/{work_pool_name}/workers/connect
"""


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    written = [PARAMETERS.get(part, ANY_NAME) if number % 2 else re.escape(part) for number, part in enumerate(parts)]
    return re.compile("".join(written))


def _read(table: str) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for line in filter(None, table.splitlines()):
        who, methods, template = line.split()
        roles, act = WHO[who]
        rules += [Rule(roles, method, template, _pattern(template), act) for method in methods.split(",")]
    return tuple(rules)


RULES, OWN_RULES = _read(TABLE), _read(OUR_PAGES)


def rule_for(method: str, path: str) -> Rule | None:
    """The first line for a request; ``path``: below ``/api``, as the router reads it. None: nobody's."""
    return next((rule for rule in RULES if rule.method == method and rule.path.fullmatch(path)), None)


def is_ours(path: str) -> bool:
    """Whether a path belongs to pages of ours, also one that does not exist."""
    return path.startswith(OURS)


def own_rule_for(method: str, path: str) -> Rule | None:
    """The line for a request of a page of ours. None: nobody's."""
    return next((rule for rule in OWN_RULES if rule.method == method and rule.path.fullmatch(path)), None)
