"""``sinkron dashboard``: the address of the dashboard that runs, or the dashboard alone until Ctrl-C."""

import argparse
import contextlib
import sys

from flows import settings
from tasks.errors import Exit, Problem, UserError
from tasks.office import Office


def dashboard_command(_: argparse.Namespace) -> int:
    """Serves the dashboard on this machine, also while the office itself does not run.

    Raises UserError (OFFICE) where there is no office at all.
    """
    from flows.dashboard import main
    from flows.supervisor import kept_port

    office = settings.office()
    if not office.published.is_dir():
        allowed, step = "kantor yang sudah dibuat", "jalankan sinkron demo atau sinkron baseline"
        raise UserError(Exit.OFFICE, Problem(str(office.published), "folder belum ada", allowed, step))
    if running := _running(office):
        sys.stdout.write(f"Dasbor sudah berjalan: {running}\n")
        return Exit.OK
    port = kept_port(office, "dashboard")
    sys.stdout.write(f"Dasbor: http://127.0.0.1:{port}/ - buka di peramban komputer ini. Ctrl-C menutup.\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        main(port)
    return Exit.OK


def _running(office: Office) -> str | None:
    """Where this office's dashboard answers, started by the office or by this command in another terminal."""
    import httpx

    with contextlib.suppress(OSError, ValueError, httpx.HTTPError):
        address = f"http://127.0.0.1:{int((office.home / 'dashboard.port').read_text())}/"
        if httpx.get(f"{address}health").json() == {"status": "healthy"}:
            return address
    return None
