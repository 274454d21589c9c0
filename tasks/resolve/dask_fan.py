"""Parts of a linking on a cluster of Dask workers (``pip install sinkron[cluster]``): other processes or machines.

The engine only carries parts there and results back. Names and numbers travel with them, so an address that is not on
this machine must be TLS, and nothing of a part is told when it fails: engines log what went wrong with its values.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from tasks.errors import Exit, Problem, UserError

if TYPE_CHECKING:
    from distributed import Client

Item = TypeVar("Item")
Made = TypeVar("Made")
CLOSED = "tls://host:port, atau tcp:// pada komputer ini"
AHEAD = 2  # parts per worker thread that are under way: one worked on, one waiting
WAIT_SECONDS = 10
HERE = ("127.0.0.1", "localhost", "::1")
SECURE = "tls"


def is_closed(address: str) -> bool:
    """Whether names may travel there: encrypted, or to this machine alone."""
    try:
        parts = urlsplit(address)
    except ValueError:  # half an IPv6 address
        return False
    return parts.scheme == SECURE or parts.hostname in HERE


class DaskFan:
    """A connected cluster as a ``Fan``."""

    def __init__(self, client: "Client") -> None:
        self.client: Any = client

    def each(self, function: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
        """``function`` of every item, in their order; only so many are made at a time as the workers can hold.

        Raises UserError (OFFICE), without any data, when a part fails or all workers are lost.
        """
        waiting: deque[Any] = deque()
        most = AHEAD * max(1, sum(self.client.nthreads().values()))
        for item in items:
            sent = self.client.scatter(item, hash=False)
            waiting.append(self.client.submit(_told, function, sent, pure=False))
            if len(waiting) >= most:
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())


def _told(function: Callable[[Item], Made], item: Item) -> tuple[Made | None, str]:
    """On the worker: what was made, or the kind of error. An exception would be logged there with its values."""
    try:
        return function(item), ""
    except Exception as error:  # noqa: BLE001 (its text may quote data)
        return None, type(error).__name__


def _result(future: Any) -> Any:
    try:
        made, fault = future.result()
    except Exception as error:  # noqa: BLE001 (the engine's own errors may quote a part)
        made, fault = None, type(error).__name__
    if fault:
        raise UserError(Exit.OFFICE, _problem(f"satu bagian gagal ({fault})", "pekerja Dask yang menyelesaikannya"))
    return made


@contextmanager
def connected(address: str | None) -> Iterator[DaskFan | None]:
    """The cluster at ``tls://host:port``, or ``tcp://`` on this machine; None for none. Certificates are set in Dask.

    Raises UserError: USAGE for another address or without the package, OFFICE when nobody answers.
    """
    if not address:
        yield None
        return
    if not is_closed(address):
        raise UserError(Exit.USAGE, _problem("alamat tanpa TLS", CLOSED))
    try:
        from distributed import Client
    except ImportError:
        missing = _problem("paket distributed belum terpasang", "pip install sinkron[cluster]")
        raise UserError(Exit.USAGE, missing) from None
    try:
        client = Client(address, timeout=WAIT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except TypeError:  # "TLS expects a `ssl_context` argument": no certificates are set
        raise UserError(
            Exit.USAGE, _problem("tanpa sertifikat", "distributed.comm.tls dalam pengaturan Dask")
        ) from None
    except (OSError, ValueError):
        raise UserError(Exit.OFFICE, _problem("tidak menjawab", "penjadwal Dask yang berjalan")) from None
    with client:
        yield DaskFan(client)


def _problem(received: str, allowed: str) -> Problem:
    return Problem("Dask", received, allowed, "ulangi, atau tanpa Dask; lihat docs/growth.md")
