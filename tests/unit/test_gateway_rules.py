"""Who may ask Prefect's server for what: every route of the real server, every role."""

import re
from functools import cache

import pytest

from flows.gateway.rules import RULES, Act, Role, rule_for

RUN = "3f0c2f4e-8a52-4d52-9c5d-1b1f1a0a9e01"
DECIDERS, LOOKERS = {Role.STAFF, Role.APPROVER}, set(Role)
GATE = "suspended-kasi-r1-c1"
# What a role may change, and what it may not even read. Everything else that reads is for all.
CHANGES = {
    ("POST", "/flow_runs/{id}/resume"): DECIDERS,
    ("POST", "/flow_runs/{id}/set_state"): {Role.ENGINEER},
    ("POST", "/deployments/{id}/create_flow_run"): {Role.ENGINEER},
}
READING = re.compile(r"/(filter|count|history|paginate|lateness|next-runs|count-[a-z-]+|counts|concurrency_status)$")
ASKING = {("POST", "/ui/schemas/validate"), ("POST", "/events/count-by/{countable}")}
SECRET = re.compile(r"/(block|variable|concurrency_limits|v2/concurrency|collections|admin/st|flow_runs/\{id\}/input)")


@cache
def routes() -> frozenset[tuple[str, str]]:
    """Every route of the real server: (method, path below /api)."""
    from prefect.server.api.server import create_app

    paths = create_app(ephemeral=True).openapi()["paths"]
    found = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert len(found) > 150
    return frozenset(found)


def sample(template: str) -> str:
    """A path as a browser would ask for it."""
    return re.sub(r"\{(\w+)\}", lambda found: RUN if found[1] == "id" else "suspended-kasi-r1-c1-response", template)


def nameless(template: str) -> str:
    return re.sub(r"\{\w+\}", "{}", template)


def test_every_route_of_prefect_is_classified() -> None:
    """If this fails, a new version of Prefect can do something that nobody has thought about."""
    ours = {(rule.method, nameless(rule.template)) for rule in RULES if rule.method != "WS"}
    theirs = {(method, nameless(path)) for method, path in routes()}
    assert theirs - ours == set()
    assert ours - theirs == set(), "baris tanpa rute: salah ketik, atau rute yang sudah tidak ada"


def test_websockets_of_prefect_are_classified() -> None:
    """If this fails, a websocket of Prefect is open or shut without anybody having said so."""
    from prefect.server.api.server import API_ROUTERS

    routes = [route for router in API_ROUTERS for route in router.routes if "WebSocket" in type(route).__name__]
    assert {route.path for route in routes} == {rule.template for rule in RULES if rule.method == "WS"}
    assert rule_for("WS", "/events/in") is not None
    assert rule_for("WS", "/events/in").roles == frozenset()


@pytest.mark.parametrize("role", list(Role))
def test_what_each_role_may(role: Role) -> None:
    """If this fails, a role can change, start or read what is not its own, or cannot see its own work."""
    wrong = []
    for method, template in sorted(routes()):
        rule = rule_for(method, sample(template))
        reads = method == "GET" or READING.search(template) or (method, template) in ASKING
        if (method, template) in CHANGES:
            expected = role in CHANGES[method, template]
        elif template.startswith("/automations"):
            expected = bool(reads) and role is Role.ENGINEER
        else:
            expected = bool(reads) and not SECRET.match(template)
        if (rule is not None and role in rule.roles) is not expected:
            wrong.append((method, template, expected))
    assert wrong == []


def test_only_three_acts_change_anything() -> None:
    """If this fails, something is changed by people without anyone looking into what they sent."""
    acts = {(rule.method, rule.template): rule.act for rule in RULES if rule.act}
    answered_here = {("GET", "/admin/settings"), ("POST", "/ui/schemas/validate")}
    assert set(acts) == {*CHANGES, *answered_here}
    assert set(acts.values()) == set(Act)


@pytest.mark.parametrize("path", [
    f"/flow_runs/{RUN}/input/{GATE}-response", f"/flow_runs/{RUN}/input/gateway-kasi-r1-c1",
    f"/flow_runs/{RUN}/input/{GATE}-response-schema", f"/flow_runs/{RUN}/input/{GATE}-schema/",
    f"/flow_runs/{RUN}/input/suspended-kasi-r1-c1", f"/flow_runs/{RUN}/input/", f"/flow_runs/{RUN}/input/filter",
])  # fmt: skip
def test_typed_codes_are_read_by_nobody(path: str) -> None:
    """If this fails, a colleague reads a code between its typing and its judging."""
    for method in ("GET", "POST", "DELETE"):
        rule = rule_for(method, path)
        assert rule is None or rule.roles == frozenset(), (method, path)


def test_forms_are_read_by_all() -> None:
    """If this fails, Prefect's page has no questions to show to the person whose turn it is."""
    for part in ("schema", "description"):
        rule = rule_for("GET", f"/flow_runs/{RUN}/input/{GATE}-{part}")
        assert rule is not None
        assert rule.roles == frozenset(LOOKERS)


@pytest.mark.parametrize("path", [
    "/flow_runs/filter/", "//flow_runs/filter", "/flow_runs//filter", "/Flow_Runs/filter", "/flow_runs/filter ",
    "/flow_runs/filter\n", "/flow_runs/../flow_runs/filter", f"/flow_runs/{RUN.upper()}/resume", "/flow_runs/x/resume",
    f"/flow_runs/{RUN}/resume/", f"/flow_runs/{RUN}/resume.json", f"/flow_runs/{RUN}%2fresume", "", "/",
])  # fmt: skip
def test_other_spellings_match_nothing(path: str) -> None:
    """If this fails, a path that the router reads in its own way is let through by ours."""
    assert rule_for("POST", path) is None


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PATCH", "PUT", "TRACE", "CONNECT", "post", "WS", ""])
def test_other_methods_match_nothing(method: str) -> None:
    """If this fails, the method that was judged is not the one that was meant."""
    assert rule_for(method, f"/flow_runs/{RUN}/resume") is None
