"""Prepared records as plain arrays on disk, mapped into memory when they are needed again."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tasks.resolve.index import Blocks, Level, row_bits
from tasks.resolve.prepare import Prepared

INDEX, TEXTS = "index.json", "texts.arrow"
DAMAGED = (OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, pl.exceptions.PolarsError)
Place = list[str]  # of an array: a field of Prepared and, in a field of several, its name


def save_arrays(prepared: Prepared, blocks: Blocks, folder: Path) -> None:
    """Writes everything into a new folder: one NumPy file per array, all texts in one Arrow file."""
    folder.mkdir()
    arrays: list[tuple[Place, Any]] = []
    texts: list[pl.Series] = []
    index: dict[str, Any] = {"plain": {}, "texts": [], "arrays": []}
    for field in fields(prepared):
        told = getattr(prepared, field.name)
        for name, value in told.items() if isinstance(told, dict) else (("", told),):
            if isinstance(value, pl.Series):
                index["texts"].append([field.name, name])
                texts.append(value.alias(str(len(texts))))
            elif isinstance(value, np.ndarray):
                arrays.append(([field.name, name], value))
            else:
                index["plain"].setdefault(field.name, {})[name] = value
    arrays += [(["blocks", str(key)], level.packed) for key, levels in enumerate(blocks) for level in levels]
    for at, (place, array) in enumerate(arrays):
        np.save(folder / f"{at}.npy", array, allow_pickle=False)
        index["arrays"].append(place)
    pl.DataFrame(texts).write_ipc(folder / TEXTS, compression="uncompressed")
    index["keys"] = len(blocks)
    (folder / INDEX).write_text(json.dumps(index), encoding="utf-8")


def load_arrays(folder: Path) -> tuple[Prepared, Blocks]:
    """What ``save_arrays`` wrote. Raises one of ``DAMAGED`` for what is not whole."""
    index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    texts = pl.read_ipc(folder / TEXTS)
    whole: dict[str, Any] = {field.name: {} for field in fields(Prepared)}
    found: list[list[Any]] = [[] for _ in range(index["keys"])]
    for name, told in index["plain"].items():
        whole[name] |= told
    for at, (field, name) in enumerate(index["texts"]):
        whole[field][name] = texts[str(at)].alias(name)
    for at, (field, name) in enumerate(index["arrays"]):
        array = np.load(folder / f"{at}.npy", mmap_mode="r", allow_pickle=False)
        if field == "blocks":
            found[int(name)].append(array)
        elif name:
            whole[field][name] = array
        else:
            whole[field] = array
    prepared = Prepared(**whole)
    return prepared, [[Level(packed, row_bits(prepared)) for packed in levels] for levels in found]
