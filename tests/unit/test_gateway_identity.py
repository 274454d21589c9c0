"""Who asks: read from headers that only Caddy and the office's own processes can make."""

import pytest

from flows.gateway.asked import BadRequestError, plain_path
from flows.gateway.identity import (
    BadHeadersError,
    Caller,
    Credentials,
    credentials,
    identify,
    machine_token,
    proxy_file,
    without_identity,
)
from tasks.errors import UserError
from tasks.office import Office

KNOWN = Credentials("s" * 64, "m" * 64)
NIP = b"198502022010011902"
PERSON = [(b"x-sinkron-nip", NIP), (b"x-sinkron-rahasia", b"s" * 64)]
MACHINE = (b"x-sinkron-mesin", b"m" * 64)


def test_a_login_and_a_machine_are_known() -> None:
    """If this fails, nobody gets in, or the office's own processes do not."""
    assert identify(PERSON, KNOWN) == Caller(NIP.decode())
    assert identify([(name.upper(), value) for name, value in PERSON], KNOWN) == Caller(NIP.decode())
    assert identify([MACHINE, (b"host", b"x")], KNOWN) == Caller()


@pytest.mark.parametrize("headers", [
    [], PERSON[:1], PERSON[1:], [(b"x-sinkron-nip", b"1"), PERSON[1]], [PERSON[0], (b"x-sinkron-rahasia", b"")],
    [PERSON[0], (b"x-sinkron-rahasia", b"S" * 64)], [(b"x-sinkron-mesin", b"")], [(b"x-sinkron-mesin", b"s" * 64)],
    [(b"x-sinkron-nip", NIP + b"\n"), PERSON[1]], [(b"x-sinkron-nip", "١٩٨٥٠٢٠٢٢٠١٠٠١١٩٠".encode()), PERSON[1]],
    [(b"x-sinkron-nip", NIP), (b"x-sinkron-rahasia", b"m" * 64)],
])  # fmt: skip
def test_half_an_identity_is_none(headers: list[tuple[bytes, bytes]]) -> None:
    """If this fails, a NIP alone is believed, or an empty secret matches an empty setting."""
    assert identify(headers, KNOWN) is None
    assert identify(headers, Credentials("", "")) is None


@pytest.mark.parametrize("more", [
    (b"X-Sinkron-NIP", b"197801012003122903"), (b"x-sinkron-nip", NIP), (b"x_sinkron_nip", NIP),
    (b"X-Sinkron_Nip", NIP), (b"x-sinkron-rahasia", b"s" * 64), MACHINE, (b"x-sinkron-", b""),
    (b"x-sinkron-peran", b"kadis"),
])  # fmt: skip
def test_smuggled_identities_are_refused(more: tuple[bytes, bytes]) -> None:
    """If this fails, who has a login signs in under somebody else's NIP."""
    for headers in ([*PERSON, more], [more, *PERSON]):
        with pytest.raises(BadHeadersError):
            identify(headers, KNOWN)


def test_prefect_sees_neither_identity_nor_password() -> None:
    """If this fails, secrets stand in what Prefect logs or answers."""
    kept = (b"accept", b"*/*")
    assert without_identity([*PERSON, MACHINE, (b"X_Sinkron_NIP", NIP), (b"Authorization", b"Basic x"), kept]) == [kept]


def test_caddys_line_is_made_once_and_kept_private(office: Office) -> None:
    """If this fails, Caddy and the door part after a restart, or anybody on the machine can be anybody."""
    first = credentials(office)
    assert credentials(office) == first
    assert proxy_file(office).stat().st_mode & 0o777 == 0o600
    assert proxy_file(office).read_text() == f"header_up X-Sinkron-Rahasia {first.proxy}\n"
    assert first.machine == machine_token(office) != first.proxy


@pytest.mark.parametrize("fault", ["loose", "empty", "short"])
def test_a_loose_or_odd_line_is_refused(office: Office, fault: str) -> None:
    """If this fails, an empty secret lets everybody in."""
    credentials(office)
    path = proxy_file(office)
    if fault == "loose":
        path.chmod(0o644)
    else:
        path.write_text("" if fault == "empty" else "header_up X-Sinkron-Rahasia abc\n")
    with pytest.raises(UserError, match=r"pintu\.caddy"):
        credentials(office)


@pytest.mark.parametrize("path", [
    "/api//flow_runs/filter", "//api/flow_runs/filter", "/api/flow_runs/../variables", "/api/./flow_runs", "/api/a;b",
    "/api\\flow_runs", "/api/%66low_runs", "/api/flow_runs/filter\x00", "/api/flow runs", "api/flow_runs", "",
    "/api/flow_runs\n", "/api/é",
])  # fmt: skip
def test_strange_paths_are_refused(path: str) -> None:
    """If this fails, the path that was judged is not the one that Prefect's router reads."""
    with pytest.raises(BadRequestError):
        plain_path({"path": path, "raw_path": path.encode()})


def test_escaped_paths_are_refused() -> None:
    """If this fails, an escape is judged before and read after it is undone."""
    for raw in (b"/api/flow%5Fruns/filter", b"/api%2fflow_runs/filter", b"/api/flow_runs/%2e%2e/flow_runs/filter"):
        with pytest.raises(BadRequestError):
            plain_path({"path": "/api/flow_runs/filter", "raw_path": raw})
    assert plain_path({"path": "/v2/runs", "raw_path": b"/v2/runs"}) == "/v2/runs"
    assert plain_path({"path": "/", "raw_path": b"/"}) == "/"
