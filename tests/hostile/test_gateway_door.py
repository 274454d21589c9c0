"""The door as somebody tries to get past it: real server, real sockets; only what the table grants gets through."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from office_kit import small as small_office
from office_kit.door import ADDRESS, ENGINEER, VIEWER, served_door
from office_kit.gates_at_door import KEY, Gates
from office_kit.signers import NIP

from flows import settings
from flows.gateway.asked import PLAIN
from flows.gateway.identity import credentials
from flows.gateway.roles import ANSWERED, NOT_YOURS, OTHER_NIP
from flows.gateway.setup import machine_headers
from flows.gateway.stamp import Gate, stamped_nip
from tasks.ledger import open_ledger

pytestmark = pytest.mark.server
RIGHT = {"keputusan": "Ajukan", "nip": NIP["staff"], "kode": "123456", "catatan": ""}


@pytest.fixture(scope="module")
def gates(small: small_office.Batch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gates]:
    batch = small_office.copy_of(small, tmp_path_factory.mktemp("pintu") / "kantor")
    batch.desk.case = (batch.agenda, 1, batch.digest)
    with open_ledger(batch.office) as ledger:
        batch.desk.propose(ledger)
    with served_door(batch.office) as door:
        made = [
            (flow, door.say("/deployments/", {"name": settings.DEPLOYMENT, "flow_id": flow})["id"])
            for flow in (door.say("/flows/", {"name": name})["id"] for name in (settings.FLOW, "lain"))
        ]
        yield Gates(door, batch.agenda, made[0][0], made[0][1], made[1][1])


def test_without_a_login_there_is_nothing(gates: Gates) -> None:
    """If this fails, who reaches the port reads or changes something without being anybody."""
    for method, path in (
        ("GET", "/"), ("GET", "/v2/"), ("GET", "/ui-settings"), ("GET", "/laporan/2026-0001.html"), ("GET", "/api"),
        ("GET", "/api/version"), ("POST", "/api/flow_runs/filter"), ("GET", "/docs"), ("GET", "/api/openapi.json"),
        ("HEAD", "/api/health"), ("POST", "/api/health"), ("GET", "/api/health/"), ("OPTIONS", "/api/flow_runs/filter"),
    ):  # fmt: skip
        assert gates.door.ask(method, path).status_code == 401, path
        assert gates.door.ask(method, path, headers={"x-sinkron-nip": NIP["kadis"]}).status_code == 401, path
        assert gates.door.ask(method, path, headers={"authorization": "Basic YTpi"}).status_code == 401, path
    assert gates.door.ask("GET", "/api/health").status_code == 200


def test_smuggled_identities_go_nowhere(gates: Gates) -> None:
    """If this fails, one login acts as another by sending a second name along."""
    secret, token = credentials(gates.door.office).proxy, machine_headers(gates.door.office)["x-sinkron-mesin"]
    mine = (f"X-Sinkron-NIP: {VIEWER}", f"X-Sinkron-Rahasia: {secret}")
    request = "GET /api/version HTTP/1.1"
    assert gates.raw(request, *mine) == 200
    for more in (
        f"X-Sinkron-NIP: {ENGINEER}", f"x-sinkron-nip: {ENGINEER}", f"X_SINKRON_NIP: {ENGINEER}",
        f"X-Sinkron_NIP: {ENGINEER}", f"X-SINKRON-RAHASIA: {secret}", f"X-Sinkron-Mesin: {token}", "X-Sinkron-Peran: x",
    ):  # fmt: skip
        assert gates.raw(request, *mine, more) == 400, more
        assert gates.raw(request, more, *mine) == 400, more
    short, two = f"X-Sinkron-Rahasia: {secret[:-1]}", f"X-Sinkron-NIP: {VIEWER}, {ENGINEER}"
    for half in (mine[:1], mine[1:], (mine[0], "X-Sinkron-Rahasia:"), (mine[0], short), (two, mine[1])):
        assert gates.raw(request, *half) == 401, half
    assert gates.raw(request, "X-Sinkron-Mesin: ") == 401


@pytest.mark.parametrize("path", [
    "/api//flow_runs/filter", "//api/flow_runs/filter", "/api/flow_runs/filter/", "/api/flow_runs/../flow_runs/filter",
    "/api/flow_runs/..%2fflow_runs/filter", "/api/flow_runs%2ffilter", "/api/flow%5fruns/filter",
    "/api%2fflow_runs/filter",
    "/api/flow_runs/%66ilter", "/api/flow_runs/%2566ilter", "/api/./flow_runs/filter", "/api/flow_runs/filter%00",
    "/api/flow_runs/filter;x=1", "/api/flow_runs/filter%20", "/api\\flow_runs\\filter", "/api/v2/../flow_runs/filter",
    "/api/block_documents/filter", "/api/block_documents/filter?x=/api/flow_runs/filter", "/api/FLOW_RUNS/filter",
    "http://127.0.0.1/api/block_documents/filter", "/v2/../api/flow_runs/filter",
])  # fmt: skip
def test_path_tricks_go_nowhere(gates: Gates, path: str) -> None:
    """If this fails, the door judges one path and Prefect answers another."""
    login = [f"{name}: {value}" for name, value in gates.door.login(VIEWER).items()]
    body = ("Content-Type: application/json", "Content-Length: 0", f"Origin: {ADDRESS}")
    assert gates.raw(f"POST {path} HTTP/1.1", *login, *body) in {400, 403, 404}


def test_a_long_odd_path_costs_nothing() -> None:
    """If this fails, a mistyped link that one person opens stops the whole office (a pattern that backtracks)."""
    for path in ("/v2/runs/flow-run/" + "a" * 5_000 + ",", "/" + "a/" * 5_000 + ",", "/" + "a." * 5_000 + " "):
        assert PLAIN.fullmatch(path) is None
    for path in ("/", "/api/", "/v2/runs/flow-run/3f0c2f4e-8a52-4d52-9c5d-1b1f1a0a9e01", "/assets/index-B_x.js"):
        assert PLAIN.fullmatch(path)


def test_a_pattern_of_the_asker_is_not_run(gates: Gates) -> None:
    """If this fails, a viewer's question about a form keeps the server busy for hours."""
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a|a)*$"}}}
    asked = {"json_schema": schema, "values": {"a": "a" * 60 + "!"}}
    told = gates.door.ask("POST", "/api/ui/schemas/validate", VIEWER, json=asked)
    assert told.json() == {"errors": [], "valid": True}


def test_other_methods_go_nowhere(gates: Gates) -> None:
    """If this fails, a method that nobody thought of changes something, or a header turns a GET into one."""
    run = gates.waiting_run()
    for method in ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "FOO"):
        assert gates.door.ask(method, f"/api/flow_runs/{run}", ENGINEER).status_code == 403, method
        assert gates.door.ask(method, f"/api/flow_runs/{run}/resume", NIP["staff"]).status_code == 403, method
        assert gates.door.ask(method, "/v2/", VIEWER).status_code == (200 if method == "HEAD" else 404), method
    turned = gates.door.ask("GET", f"/api/flow_runs/{run}", ENGINEER, headers={"x-http-method-override": "DELETE"})
    assert turned.status_code == 200
    assert gates.state(run) == "Suspended"


def test_bodies_are_small_and_plain(gates: Gates) -> None:
    """If this fails, one request fills the memory, or means one thing to the door and another to Prefect."""
    asked = ("POST", "/api/flow_runs/filter", VIEWER)
    json_type = {"content-type": "application/json"}
    assert gates.door.ask(*asked, content=b" " * 10_000_000, headers=json_type).status_code == 413
    assert gates.door.ask(*asked, content=iter([b" " * 1000] * 100), headers=json_type).status_code == 413
    for content in (
        b"[" * 30_000, b"{", b"\xff", b"\xef\xbb\xbf{}", b'{"limit": NaN}', b'{"limit": 1e999}', b'{"a": "\\ud800"}',
        b"limit=1", b'{"a": {"__prefect_kind": "json"}}', b'{"a": [{"\\u005f_prefect_kind": "jinja"}]}',
    ):  # fmt: skip
        assert gates.door.ask(*asked, content=content, headers=json_type).status_code == 400, content[:40]
    assert gates.door.ask(*asked, content=b'{"limit": 1}', headers={"content-type": "text/plain"}).status_code == 200


def test_other_sites_cannot_use_a_login(gates: Gates) -> None:
    """If this fails, a page that an approver has open elsewhere sends requests in his name."""
    for origin in ("https://jahat.example", "null", f"{ADDRESS}.jahat.example", ADDRESS.replace("https", "http")):
        for method, path in (("POST", "/api/flow_runs/filter"), ("GET", "/api/version"), ("GET", "/v2/")):
            assert gates.door.ask(method, path, VIEWER, headers={"origin": origin}).status_code == 403, origin
    login = [f"{name}: {value}" for name, value in gates.door.login(VIEWER).items()]
    assert gates.raw("POST /api/flow_runs/filter HTTP/1.1", *login, "Content-Length: 0") == 403
    assert gates.raw("GET /v2/ HTTP/1.1", *login) == 200


def test_answers_tell_the_browser_to_stay_here(gates: Gates) -> None:
    """If this fails, the page can be framed, talk to other hosts, or be read by other sites."""
    for path, status in (("/v2/", 200), ("/api/version", 200), ("/api/variables/x", 403), ("/laporan/x.html", 404)):
        answered = gates.door.ask("GET", path, VIEWER)
        told = answered.headers
        assert answered.status_code == status
        assert "default-src 'self'" in told["content-security-policy"] or path.startswith("/laporan")
        assert (told["x-frame-options"], told["x-content-type-options"]) == ("DENY", "nosniff")
        assert (told["referrer-policy"], told.get("access-control-allow-origin")) == ("no-referrer", None)
        assert told.get("cache-control") == ("no-store" if path != "/v2/" else None)


def test_websockets_need_a_login_and_our_page(gates: Gates) -> None:
    """If this fails, anybody listens to the office's events, or sends it false ones."""
    login, machine = gates.door.login(VIEWER), machine_headers(gates.door.office)
    for path in ("/api/events/in", "/api/events/out", "/api/logs/out", "/api/task_runs/subscriptions/scheduled", "/x"):
        assert gates.socket(path) == "403", path
        assert gates.socket(path, **login) == "403", path
        assert gates.socket(path, **login, Origin="https://jahat.example") == "403", path
        assert gates.socket(path, **machine, **login) == "403", path
    assert gates.socket("/api/events/in", **login, Origin=ADDRESS) == "403"
    assert gates.socket("/api/events/out", **login, Origin=ADDRESS) == "open"
    assert gates.socket("/api/events/in", **machine) == "open"


def test_a_form_of_another_is_refused(gates: Gates) -> None:
    """If this fails, a login answers a form that is not its own, or under another's NIP."""
    run = gates.waiting_run()
    staff, kasi, no_form = NIP["staff"], NIP["kasi"], {"catatan": {"__prefect_kind": "jinja", "template": "{{ 7*7 }}"}}
    for who, answer, status, words in (
        (kasi, RIGHT | {"nip": kasi}, 403, NOT_YOURS.format("Staff")), (kasi, RIGHT, 403, OTHER_NIP),
        (staff, RIGHT | {"nip": kasi}, 403, OTHER_NIP), (staff, RIGHT | {"nip": [staff]}, 403, OTHER_NIP),
        (ENGINEER, RIGHT, 403, ""), (VIEWER, RIGHT, 403, ""), ("199001012015011009", RIGHT, 403, ""),
        (staff, {}, 400, ""), (staff, [], 400, ""), (staff, None, 400, ""),
        (staff, RIGHT | no_form, 400, "__prefect_kind"), (staff, RIGHT | {"lagi": "x"}, 200, "REJECT"),
        (staff, RIGHT | {"keputusan": "Ya"}, 200, "REJECT"),
    ):  # fmt: skip
        got, said = gates.resume(run, who, answer)
        assert (got, words in json.dumps(said, ensure_ascii=False)) == (status, True), (who, said)
        assert set(gates.inputs(run)) == {f"suspended-{KEY}-schema"}
    assert gates.state(run) == "Suspended"


def test_one_of_six_honest_answers_is_taken_and_stamped(gates: Gates) -> None:
    """If this fails, an impatient double click loses the stamp, and the right answer of the right person counts not."""
    run = gates.waiting_run()
    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(lambda _: gates.resume(run, NIP["staff"], RIGHT), range(6)))
    assert {status for status, _ in said} <= {200, 201, 403, 503}, said
    taken = [body for _, body in said if body.get("status") == "ACCEPT"]
    assert len(taken) == 1, said
    kept = gates.inputs(run)
    answer, stamp = kept[f"suspended-{KEY}-response"], kept[f"gateway-{KEY}"]
    at = datetime.fromisoformat(answer["created"])
    key = gates.door.office.key("gateway")
    assert stamped_nip(key, Gate(run, KEY), (stamp["value"], answer["value"]), at) == NIP["staff"]
    assert stamped_nip(key, Gate(gates.flow, KEY), (stamp["value"], answer["value"]), at) == ""


def test_twice_named_fields_are_judged_as_they_are_stored(gates: Gates) -> None:
    """If this fails, the door reads the first of two NIPs and Prefect stores the second."""
    run, login = gates.waiting_run(), NIP["staff"]
    for first, second, status in ((login, NIP["kasi"], 403), (NIP["kasi"], login, 201)):
        content = f'{{"run_input": {{"keputusan": "Ajukan", "kode": "1", "nip": "{first}", "nip": "{second}"}}}}'
        answered = gates.door.ask("POST", f"/api/flow_runs/{run}/resume", login, content=content.encode())
        assert answered.status_code == status, answered.text
    assert json.loads(gates.inputs(run)[f"suspended-{KEY}-response"]["value"])["nip"] == login


def test_a_form_of_an_earlier_question_is_refused(gates: Gates) -> None:
    """If this fails, a run that Prefect remembers wrongly takes answers for what the ledger no longer asks."""
    made = gates.door.say(f"/deployments/{gates.deployment}/create_flow_run", {"parameters": {"agenda": "2026-0999"}})
    details = {"pause_key": KEY, "pause_reschedule": True}
    state = {"type": "PAUSED", "name": "Suspended", "state_details": details}
    gates.door.say(f"/flow_runs/{made['id']}/set_state", {"state": state, "force": True})
    assert gates.resume(made["id"], NIP["staff"], RIGHT) == (403, {"detail": ANSWERED})


def test_engineers_start_and_cancel_and_nothing_more(gates: Gates) -> None:
    """If this fails, an engineer's login runs code on the server, or moves a waiting run on without its form."""
    door, run = gates.door, gates.waiting_run()
    place = f"/api/deployments/{gates.deployment}/create_flow_run"
    later = {"type": "SCHEDULED", "state_details": {"scheduled_time": None}}
    form = {"name": "x", "tags": ["a"], "parameters": {"berkas": []}, "job_variables": {}, "work_queue_name": None,
            "empirical_policy": {"retries": 0}, "state": later}  # fmt: skip
    assert door.ask("POST", place, ENGINEER, json=form).status_code == 201
    posing = form | {"tags": ["a", "agenda:2026-0001", "menunggu:Kasi"]}
    assert (
        set(door.ask("POST", place, ENGINEER, json=posing).json()["tags"]) & {"agenda:2026-0001", "menunggu:Kasi"}
        == set()
    )
    assert door.ask("POST", place, NIP["kadis"], json=form).status_code == 403
    assert door.ask("POST", place.replace(gates.deployment, gates.stranger), ENGINEER, json=form).status_code == 403
    for odd in (
        {"job_variables": {"env": {"PYTHONPATH": "/x"}}}, {"infrastructure_document_id": gates.flow},
        {"work_queue_name": "x"}, {"idempotency_key": "2026-0007"},
        {"parent_task_run_id": gates.flow}, {"empirical_policy": {"retries": 3}},
    ):  # fmt: skip
        assert door.ask("POST", place, ENGINEER, json=form | odd).status_code == 403, odd
    change = f"/api/flow_runs/{run}/set_state"
    for state in ({"type": "SCHEDULED", "name": "AwaitingRetry"}, {"type": "SCHEDULED"}, {"type": "COMPLETED"}, {}, "x",
                  {"type": "RUNNING", "name": "Running"}, {"type": ["CANCELLED"], "name": {}}):  # fmt: skip
        assert door.ask("POST", change, ENGINEER, json={"state": state, "force": True}).status_code == 403, state
    assert gates.state(run) == "Suspended"
    cancel = {"state": {"type": "CANCELLING", "name": "Cancelling"}, "force": True}
    assert door.ask("POST", change, NIP["kadis"], json=cancel).status_code == 403
    assert door.ask("POST", change, ENGINEER, json=cancel).status_code in {200, 201}
    assert gates.state(run) == "Cancelled"
    retry = {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}, "force": True}
    assert door.ask("POST", change, ENGINEER, json=retry).json()["status"] == "ACCEPT"
