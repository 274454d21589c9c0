"""All or nothing, for both of the office's databases."""

import contextlib
from collections.abc import Iterator
from typing import Any, Protocol


class Connection(Protocol):
    """What a DuckDB and a SQLite connection have in common here."""

    def execute(self, query: str, /) -> Any:
        """Runs one statement."""
        ...


@contextlib.contextmanager
def all_or_nothing(con: Connection, begin: str) -> Iterator[None]:
    """Starts a transaction with ``begin``, commits it at the end, rolls it back on any exception."""
    con.execute(begin)
    try:
        yield
        con.execute("commit")
    except BaseException:
        with contextlib.suppress(Exception):  # after a full disk both databases have rolled back by themselves
            con.execute("rollback")
        raise
