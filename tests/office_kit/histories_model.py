"""A register and the batches written to it, told in plain Python: what ``histories`` holds the store against.

The model knows nothing of SQL, change-sets or parity. It keeps the residents as dicts, and for each of them a token
of the state it is in: a batch makes a new token, an undo goes back to the token from before, and a batch may be
undone where every resident it wrote still bears the token it gave.
"""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

Row = dict[str, Any]
Place = tuple[int, str]  # row_id or resident_id, element


@dataclass(frozen=True)
class Change:
    """One line of a change-set; ``held``: what the register held when it was proposed."""

    row_id: int
    resident: int | None
    element: str
    held: Any
    after: Any

    @property
    def writes(self) -> bool:
        return self.resident is not None and self.held != self.after


@dataclass
class Written:
    """One batch or undo in the model."""

    agenda: str
    undoes: str | None
    changes: list[Change]
    before: dict[int | str, int]  # resident, or the letter's agenda number -> token
    after: dict[int | str, int]
    rows: dict[int, Row]  # the residents it wrote, as they were
    live: bool = True


@dataclass
class Model:
    """The register and what was done to it."""

    rows: dict[int, Row]
    tokens: dict[int | str, int] = field(default_factory=dict)
    written: dict[str, Written] = field(default_factory=dict)
    fresh: count = field(default_factory=lambda: count(1))

    def clashes(self, changes: list[Change], *, undoing: bool = False) -> set[Place]:
        """What can not be written: resident gone, other value, other regency, or two values for one element."""
        found = set()
        for change in changes:
            row = self.rows.get(change.resident) if change.resident is not None else None
            if change.resident is None:
                continue
            region = (row or {}).get("no_kab")
            abroad = region is not None and region != "76" and not undoing
            others = [c for c in changes if (c.resident, c.element) == (change.resident, change.element)]
            if row is None or row[change.element] != change.held or abroad or len({c.after for c in others}) > 1:
                found.add((change.row_id, change.element))
        return found

    def inverse(self, agenda: str) -> list[Change]:
        """The change-set that takes a written one back."""
        return [
            Change(c.row_id, c.resident, c.element, c.after, c.held) for c in self.written[agenda].changes if c.writes
        ]

    def blocked(self, agenda: str) -> set[Place]:
        """Rows of residents that are in another state than the one this batch left them in."""
        entry = self.written[agenda]
        return {
            (c.row_id, c.element)
            for c in entry.changes
            if c.writes and self.tokens[c.resident] != entry.after[c.resident]
        }

    def moved(self, agenda: str) -> bool:
        """Whether the letter itself was turned over since, which counts where it wrote nothing, too."""
        return self.tokens[agenda[:9]] != self.written[agenda].after[agenda[:9]]

    def write(self, agenda: str, changes: list[Change], undoes: str | None = None) -> Written:
        """Writes a batch or an undo."""
        residents = {c.resident for c in changes if c.writes}
        whom = residents | {agenda[:9]}  # the letter bears a token as the residents do
        source = self.written.get(undoes or "")
        before = {who: self.tokens.setdefault(who, 0) for who in whom}
        after = {who: source.before[who] if source else next(self.fresh) for who in whom}
        entry = Written(agenda, undoes, changes, before, after, {who: dict(self.rows[who]) for who in residents})
        for change in changes:
            if change.writes:
                self.rows[change.resident][change.element] = change.after
        self.tokens |= after
        self.written[agenda] = entry
        alive = False
        while source:  # what is undone stops to hold; what that had undone holds again
            source.live, alive = alive, not alive
            source = self.written.get(source.undoes or "")
        return entry
