"""Who asks: a person whom Caddy let in, this office's own processes, or nobody. Read from headers, once each."""

import hmac
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tasks.errors import Exit, Problem, UserError
from tasks.office import PRIVATE_FILE, Office

OURS = b"x-sinkron-"
NIP, SECRET, MACHINE = b"x-sinkron-nip", b"x-sinkron-rahasia", b"x-sinkron-mesin"
LOGIN = re.compile(rb"[0-9]{18}")
CADDY_LINE = re.compile(r"header_up X-Sinkron-Rahasia ([0-9a-f]{64})\n?")
HEADERS = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Credentials:
    """What proves a request: ``proxy``, added by Caddy after a login; ``machine``, by the office's own processes."""

    proxy: str
    machine: str


@dataclass(frozen=True)
class Caller:
    """``nip`` "": the office's own process."""

    nip: str = ""


class BadHeadersError(Exception):
    """Identity headers that no honest sender makes: several, variants of their names, or of both kinds."""


def identify(headers: Iterable[tuple[bytes, bytes]], known: Credentials) -> Caller | None:
    """Who sent a request, None for nobody. Raises BadHeadersError."""
    ours = [(name.lower(), value) for name, value in headers if _is_ours(name)]
    found = dict(ours)
    if len(found) != len(ours) or not set(found) <= {NIP, SECRET, MACHINE} or (MACHINE in found and len(found) > 1):
        raise BadHeadersError
    if MACHINE in found:
        return Caller() if _same(found[MACHINE], known.machine) else None
    if not _same(found.get(SECRET, b""), known.proxy) or not LOGIN.fullmatch(found.get(NIP, b"")):
        return None
    return Caller(found[NIP].decode())


def without_identity(headers: Iterable[tuple[bytes, bytes]]) -> HEADERS:
    """What Prefect gets to see: no identity and no password."""
    return [pair for pair in headers if not _is_ours(pair[0]) and pair[0].lower() != b"authorization"]


def _is_ours(name: bytes) -> bool:
    return name.lower().replace(b"_", b"-").startswith(OURS)


def _same(given: bytes, right: str) -> bool:
    return bool(right) and hmac.compare_digest(given, right.encode())


def machine_token(office: Office) -> str:
    """What this office's own processes show; from the office key, so that it lies nowhere else."""
    return office.key("gateway-machine").hex()


def proxy_file(office: Office) -> Path:
    """The line for Caddy that adds its secret: made by the first start, to be copied to where Caddy reads it."""
    return office.key_file.parent / "pintu.caddy"


def credentials(office: Office) -> Credentials:
    """Those of one office; makes Caddy's file (0600) when there is none. Raises UserError (OFFICE) for an odd one."""
    path = proxy_file(office)
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(handle, "w") as file:
            file.write(f"header_up X-Sinkron-Rahasia {secrets.token_hex(32)}\n")
    line = CADDY_LINE.fullmatch(path.read_text(encoding="ascii", errors="replace"))
    if line is None or path.stat().st_mode & 0o077:
        received = "isinya lain" if line is None else "terbuka untuk orang lain"
        allowed, step = "satu baris header_up, mode 0600", "hapus berkas itu; sinkron serve membuat yang baru"
        raise UserError(Exit.OFFICE, Problem(f"keys/{path.name}", received, allowed, step))
    return Credentials(line[1], machine_token(office))
