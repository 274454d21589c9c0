"""What the dashboard shows for one choice of filters: numbers only, asked of the sums (``tasks.dashboard.sums``)."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tasks.approvals.docket import NO, SUBMIT, WITHDRAW, YES
from tasks.dashboard import queries
from tasks.dashboard.sums import Sums


@dataclass(frozen=True)
class Filters:
    """What a reader chose; "" is all. ``village``: no_kec and no_kel together, since kelurahan codes repeat."""

    district: str = ""
    village: str = ""
    rule: str = ""
    agenda: str = ""


class Line(StrEnum):
    """What a line of the table of places is about. All but DISTRICT and ALL add up to ALL."""

    VILLAGE = "kelurahan"
    HIDDEN = "disamarkan"  # in a known kecamatan; the kelurahan is left out of the copy (k-anonymity)
    DISTRICT = "kecamatan"  # sum of its kelurahan and of what is hidden in it
    OUTSIDE = "luar kota"
    NOWHERE = "tanpa wilayah"  # the kecamatan is left out too, or was never known
    ALL = "semua"


@dataclass(frozen=True)
class Place:
    """One line of places. Ages in days on the day of the copy.

    None as a count: the copy shows none here, but hides where rows lie that may be of here.
    """

    line: str  # of Line
    no_kec: str
    no_kel: str
    district: str
    village: str
    findings: int | None
    open: int | None
    median_age: float | None
    oldest_age: int | None
    cases: int | None
    overdue: int | None


@dataclass(frozen=True)
class RuleCount:
    """One rule, or ("") all that the copy does not name here.

    ``severity``: "" of rules that the copy does not name: they are of any. None as a count: none is named, but some of
    those not named may be of this rule. ``city``: findings of the whole
    city, of which all are named; None for ""; ``precision``: confirmed of what was judged, whole city and all agendas;
    None when nothing was.
    """

    code: str
    title: str
    severity: str
    findings: int | None
    open: int | None
    city: int | None
    precision: float | None


@dataclass(frozen=True)
class Extract:
    """What one extract said, by label (expectations.memory.Label)."""

    agenda: str
    received: date
    counts: dict[str, int]


@dataclass(frozen=True)
class StepTime:
    """One step of the SOP over the chosen agendas. Minutes of the wall clock."""

    step: int
    role: str
    activity: str
    times: int
    median: float
    longest: float
    limit: int
    exceeded: int


@dataclass(frozen=True)
class Clock:
    """The centre's 60 days of one agenda. ``left``: days left on the day of the copy; negative when past."""

    agenda: str
    received: date
    due: date
    left: int
    written: date | None


@dataclass(frozen=True)
class OpenCases:
    """Open cases of one kind by the days left of their 60: ``past``, 0-7, 8-14, 15-30, more.

    ``nearest``: days left of the one whose 60 end first; negative when past.
    """

    kind: str
    past: int
    week: int
    fortnight: int
    month: int
    later: int
    nearest: int | None  # None where no case tells


@dataclass(frozen=True)
class Work:
    """What one post decided on one day. ``yes``: Ya, or Ajukan by Staff; ``withdrawn``: an own decision taken back."""

    day: date
    role: str
    yes: int
    no: int
    withdrawn: int

    @property
    def decisions(self) -> int:
        """All of them."""
        return self.yes + self.no + self.withdrawn


@dataclass(frozen=True)
class Figures:
    """Everything one page shows. ``hidden``: with a place chosen, lines not counted that may hold some of it."""

    published: datetime
    newest: str  # the agenda after which the copy was made
    places: list[Place]
    hidden: list[Place]
    rules: list[RuleCount]
    extracts: list[Extract]
    steps: list[StepTime]
    clocks: list[Clock]
    cases: list[OpenCases]
    bands: list[tuple[str, str, int]]  # band, kind, pairs
    events: dict[str, int]
    work: list[Work]

    @property
    def whole(self) -> Place:
        """The line that all others add up to."""
        return self.places[-1]


@dataclass(frozen=True)
class Choices:
    """What can be chosen: (value, words), in order."""

    districts: list[tuple[str, str]]
    villages: list[tuple[str, str, str]]  # no_kec || no_kel, kecamatan's code, name
    rules: list[tuple[str, str]]
    agendas: list[str]


def read(sums: Sums, chosen: Filters) -> Figures:
    """All figures of one choice, asked once of each copy.

    Cases know no rule; pairs, steps and decisions neither place nor rule: those filters pass them.
    """
    return sums.remembered(chosen, lambda: _read(sums, chosen))


def _read(sums: Sums, chosen: Filters) -> Figures:
    def ask(query: str) -> list[tuple[Any, ...]]:
        return sums.rows(query, _values(chosen))

    extracts: dict[tuple[str, date], dict[str, int]] = {}
    for agenda, received, label, count in ask(queries.EXTRACTS):
        extracts.setdefault((agenda, received), {})[label] = count
    places, hidden = _places(sums, chosen)
    published, newest = ask(queries.PUBLISHED)[0]
    return Figures(
        published=published,
        newest=newest,
        places=places,
        hidden=hidden,
        rules=_rules([RuleCount(*row) for row in ask(queries.RULES)]),
        extracts=[Extract(*which, counts) for which, counts in extracts.items()],
        steps=[StepTime(*row) for row in ask(queries.STEPS)],
        clocks=[Clock(*row) for row in ask(queries.CLOCKS)],
        cases=[OpenCases(*row) for row in ask(queries.CASES)],
        bands=[(row[0], row[1], row[2]) for row in ask(queries.BANDS_OF_PAIRS)],
        events={row[0]: row[1] for row in ask(queries.EVENTS)},
        work=_work(ask(queries.WORK)),
    )


def _values(chosen: Filters) -> dict[str, str]:
    return {field.name: getattr(chosen, field.name) for field in fields(chosen)}


def _places(sums: Sums, chosen: Filters) -> tuple[list[Place], list[Place]]:
    """The lines in order, the whole last; and what may lie in the chosen place, but is told in none."""
    found = around = [Place(*row) for row in sums.rows(queries.PLACES, _values(chosen))]
    if chosen.district or chosen.village:
        anywhere = replace(chosen, district="", village="")
        around = [Place(*row) for row in sums.rows(queries.PLACES, _values(anywhere))]
    in_district = {place.no_kec: place for place in around if place.line == Line.HIDDEN}
    nowhere = [place for place in around if place.line == Line.NOWHERE]

    def may_hold(place: Place) -> list[Place]:
        """Lines with rows that may be of this one."""
        if place.line == Line.ALL and len(found) > 1 and around is not found:
            return may_hold(found[0]) if chosen.village else nowhere
        inside = [in_district[place.no_kec]] if place.line == Line.VILLAGE else []
        return [*inside, *nowhere] if place.line in {Line.VILLAGE, Line.DISTRICT} else []

    shown = [_honest(place, may_hold(place)) for place in found if place.line in _ALWAYS or _tells(place)]
    return shown, [place for place in may_hold(found[-1]) if _tells(place)]


_ALWAYS = {Line.VILLAGE, Line.DISTRICT, Line.ALL}


def _tells(place: Place) -> bool:
    return bool(place.findings or place.open or place.cases)


def _honest(place: Place, hidden: list[Place]) -> Place:
    """A place without the noughts that nobody knows to be true. ``hidden``: what may hold some of it."""

    def unless(count: int | None, name: str) -> int | None:
        return count or (None if any(getattr(line, name) for line in hidden) else 0)

    cases = unless(place.cases, "cases")
    return replace(
        place,
        findings=unless(place.findings, "findings"),
        open=unless(place.open, "open"),
        cases=cases,
        overdue=None if cases is None else place.overdue,
    )


def _rules(found: list[RuleCount]) -> list[RuleCount]:
    """The same without the noughts that nobody knows to be true."""
    unnamed = [rule for rule in found if not rule.code]
    some, some_open = any(rule.findings for rule in unnamed), any(rule.open for rule in unnamed)
    return [
        replace(rule, findings=rule.findings or (None if some else 0), open=rule.open or (None if some_open else 0))
        if rule.code else rule for rule in found
    ]  # fmt: skip


def _work(rows: list[tuple[Any, ...]]) -> list[Work]:
    days: dict[tuple[date, str], dict[str, int]] = {}
    for day, role, decision, count in rows:
        days.setdefault((day, role), {})[decision] = count
    return [
        Work(*which, told.get(YES, 0) + told.get(SUBMIT, 0), told.get(NO, 0), told.get(WITHDRAW, 0))
        for which, told in days.items()
    ]


def choices(sums: Sums) -> Choices:
    """What the filters offer: places of the city, rules with findings, agendas, the newest first."""
    return Choices(
        districts=[(row[0], row[1]) for row in sums.rows(queries.DISTRICTS, {})],
        villages=[(row[0], row[1], row[2]) for row in sums.rows(queries.VILLAGES, {})],
        rules=[(row[0], row[1]) for row in sums.rows(queries.CODES, {})],
        agendas=[row[0] for row in sums.rows(queries.AGENDAS, {})],
    )
