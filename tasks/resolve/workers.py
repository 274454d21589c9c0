"""Work shared out: by the machine's cores, or by whoever else an engine knows.

Arrays and texts release Python's lock, so within one process threads are enough.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")
MOST = 4  # more hold more memory than they save time


class Fan(Protocol):
    """Where parts of a linking are worked on. A part holds all it needs; results come in the parts' order."""

    def each(self, function: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
        """``function`` of every item; items are made as they are wanted."""
        ...


def each(function: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
    """``function`` of every item, in the items' order whatever the number of cores."""
    with ThreadPoolExecutor(min(MOST, os.cpu_count() or 1)) as pool:
        yield from pool.map(function, items)
