"""One line of an examination: how bad, what it is about, what was found, what to do."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """GOOD: told for the record. SOON: work goes on, a person has to act. BROKEN: work stands still or is unsafe."""

    GOOD = "baik"
    SOON = "perlu ditindak"
    BROKEN = "rusak"


@dataclass(frozen=True)
class Line:
    """``place``: what was looked at; ``step``: what to do, "" when nothing. No personal data of residents."""

    state: State
    place: str
    text: str
    step: str = ""


def good(place: str, text: str) -> Line:
    """Nothing to do."""
    return Line(State.GOOD, place, text)


def soon(place: str, text: str, step: str) -> Line:
    """Work goes on, a person has to act."""
    return Line(State.SOON, place, text, step)


def broken(place: str, text: str, step: str) -> Line:
    """Work stands still, or is unsafe."""
    return Line(State.BROKEN, place, text, step)


def worst(lines: list[Line]) -> State:
    """The worst of all."""
    return max((line.state for line in lines), key=list(State).index, default=State.GOOD)
