"""Work shared by the machine's cores: arrays and texts release Python's lock, so threads are enough."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")
MOST = 4  # more hold more memory than they save time


def each(function: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
    """``function`` of every item, in the items' order whatever the number of cores."""
    with ThreadPoolExecutor(min(MOST, os.cpu_count() or 1)) as pool:
        yield from pool.map(function, items)
