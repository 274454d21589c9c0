"""Which column of a file is which column of the model, and whether what is there suffices to compare records."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from expectations.columns import canonical_name
from expectations.matching import Field, Key, MatchingModel
from tasks.errors import Exit, Problem, UserError

MIN_FIELDS = 2  # one agreement alone never says that two records are one person
SHOWN = 12
LONGEST = 40


def plain(header: str) -> str:
    """``" Date of-Birth"`` -> ``"dateofbirth"``: headers are compared without case, spaces and punctuation."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", header).casefold() if letter.isalnum())


@dataclass(frozen=True)
class Wanted:
    """The columns asked of a file. ``numbers``: those of digits, which a numeric cell of Excel may have cut.

    A header means a column when it is spelt the same, is the same without case, spaces and punctuation, or is one of
    the contract's aliases of it ("Nomor KK" -> no_kk).
    """

    names: tuple[str, ...]
    numbers: frozenset[str] = frozenset()

    @classmethod
    def by(cls, model: MatchingModel) -> "Wanted":
        """What a model compares."""
        digits = frozenset(name for name, cleaner in model.columns.items() if cleaner == "digits")
        return cls(tuple(model.columns), digits)

    def name_of(self, header: str) -> str | None:
        """The column a header stands for, or None."""
        if header in self.names:
            return header
        if alike := self._plain.get(plain(header)):
            return alike
        known = canonical_name(header)
        return known if known in self.names else None

    @cached_property
    def _plain(self) -> dict[str, str]:
        return {plain(name): name for name in reversed(self.names) if plain(name)}

    def known(self, headers: Sequence[str]) -> int:
        """How many of the headers are asked for."""
        return sum(self.name_of(header) is not None for header in headers)

    def places(self, file: str, headers: Sequence[str]) -> dict[str, int]:
        """Column -> 0-based position of its header. Raises UserError (COLUMNS) for none at all, and for doubled ones.

        Headers are quoted only when they name a column: the first line of a file without headers is a person.
        """
        found: dict[str, list[int]] = {}
        for at, header in enumerate(headers):
            if name := self.name_of(header):
                found.setdefault(name, []).append(at)
        if not found:
            raise UserError(Exit.COLUMNS, Problem(f"{file}, baris judul", "tidak ada judul kolom yang dikenal model",
                                                  _listed(self.names), "beri judul, atau pilih --model"))  # fmt: skip
        doubled = [
            Problem(f"{file}, kolom {', '.join(str(at + 1) for at in places)}", f"semuanya berarti {name}",
                    "setiap kolom satu kali", "hapus atau ganti judul salah satu")
            for name, places in found.items() if len(places) > 1
        ]  # fmt: skip
        if doubled:
            raise UserError(Exit.COLUMNS, *doubled)
        return {name: places[0] for name, places in found.items()}


def check_usable(model: MatchingModel, *sides: tuple[str, Sequence[str]]) -> None:
    """Whether records can be compared by what every side has; ``sides``: (name of a file, its columns).

    Raises UserError (COLUMNS), all problems at once, for fewer than two comparable fields and for no blocking key with
    all its parts: without a key no pair is ever looked at.
    """
    common = set.intersection(*(set(columns) for _, columns in sides))
    files = " dan ".join(name for name, _ in sides)
    fields = [field for field in model.fields if field.column in common]
    problems = []
    if len(fields) < MIN_FIELDS:
        received = f"{len(fields)} bidang dapat dibandingkan ({_labels(fields)})"
        allowed = f"sekurangnya {MIN_FIELDS} dari {_labels(model.fields)}"
        problems.append(Problem(files, received, allowed, f"tambahkan kolom {_missing(model, common)}"))
    if not any(_complete(key, common) for key in model.blocking.keys):
        received = "tidak ada kunci blok yang semua kolomnya ada, jadi tidak ada pasangan yang dilihat"
        allowed = "salah satu: " + "; ".join(key.name for key in model.blocking.keys[:SHOWN])
        problems.append(Problem(files, received, allowed, f"tambahkan kolom {_missing(model, common)}"))
    if problems:
        raise UserError(Exit.COLUMNS, *problems)


def _complete(key: Key, columns: set[str]) -> bool:
    return all(column in columns for column, _ in key.parts)


def _missing(model: MatchingModel, common: set[str]) -> str:
    return _listed([name for name in model.columns if name not in common])


def _labels(fields: Sequence[Field]) -> str:
    return ", ".join(field.label for field in fields) or "tidak satu pun"


def _listed(names: Sequence[str]) -> str:
    more = f" ... ({len(names)} kolom)" if len(names) > SHOWN else ""
    return ", ".join(name[:LONGEST] for name in names[:SHOWN]) + more
