"""What an office should remember of its extracts, told a second time in plain Python: no SQL, one finding at a time."""

from dataclasses import dataclass, field
from datetime import date

from expectations.rules import BY_CODE

HANDLING = {"diperbaiki", "usul nonaktif", "tidak terbukti"}
LEAST_OPEN = 20  # findings; fewer that are not there are chance
State = tuple[int | None, str, date, date, str | None, str, str | None, str | None]
Key = tuple[str, str, str]  # agenda, subject, code


@dataclass(frozen=True)
class File:
    """``words``: what list it is; ``columns``: None for all; ``rows``: as its letter tells, if it does."""

    name: str
    words: str
    columns: tuple[str, ...] | None
    rows: int | None = None

    def brings(self, words: str) -> bool:
        """A list, and a whole list each of its parts; a name of nothing brings none."""
        return self.words != "" and self.words in {words, " ".join(w for w in words.split() if "-" not in w)}


@dataclass
class Row:
    """One received row; ``outcome`` and ``changed`` (element, whether it was written) once the batch is decided.

    ``answered``: whether the decision tells what another regency answered; ``case``: the row whose case it answers.
    """

    row_id: int
    file_no: int
    subject: str
    codes: tuple[str, ...]
    place: tuple[str | None, str | None]
    outcome: str = "ditunda"
    changed: tuple[str, bool] | None = None
    answered: bool = False
    case: "Row | None" = None

    def ended(self, code: str) -> bool:
        """Whether the office dealt with a finding of this row, or of the case it answers."""
        done = self.outcome in HANDLING or (self.outcome == "rujuk luar kota" and self.answered)
        return done and (code in self.codes or (self.case is not None and code in self.case.codes))


@dataclass
class Extract:
    """One receipt. ``groups``: subjects taken for one person; ``answers``: a case workbook, not a list of the centre's.

    ``had_written``: what was written when it was first compared, ``doubts`` the lists that looked torn off then.
    ``live``: written and not taken back.
    """

    agenda: str
    day: date
    files: list[File]
    rows: list[Row]
    groups: list[set[str]]
    without: set[str]
    answers: bool
    had_written: set[str] = field(default_factory=set)
    doubts: set[str] = field(default_factory=set)
    written_on: date | None = None
    live: bool = False

    def words_of(self, row: Row) -> str:
        return self.files[row.file_no - 1].words

    def judges(self, words: str, code: str) -> bool:
        """Whether it brings a list whole to the eyes of a rule."""
        mine = [file for file in self.files if file.brings(words)]
        seen = [file for file in mine if file.rows != 0]
        needs = set(BY_CODE[code].columns) if code in BY_CODE else set()
        judged = all(file.columns is None or needs <= set(file.columns) for file in seen)
        return bool(mine) and judged and not (seen and code in self.without)

    def tells(self, words: str, code: str) -> bool:
        """Whether its silence about a finding last seen in a list means that it is gone."""
        return self.judges(words, code) and words not in self.doubts

    def handled(self, subject: str, code: str) -> bool:
        corrects = BY_CODE[code].corrects if code in BY_CODE else ()
        return any(
            row.ended(code)
            or (row.changed is not None and row.changed[1] and row.changed[0] in corrects)
            for row in self.rows if row.subject == subject
        )  # fmt: skip


def states(extracts: list[Extract]) -> dict[Key, State]:
    """Every line that must be there after these extracts, given in the order of their numbers."""
    told: dict[Key, State] = {}
    for subject, code in sorted({(r.subject, code) for e in extracts for r in e.rows for code in r.codes}):
        last: State | None = None
        begun = ""
        for extract in extracts:
            if extract.answers:
                continue
            line = _line(extract, (subject, code), last)
            if line is None and last is not None and last[1] not in {"selesai", "hilang"}:
                line = _gone(extracts, extract, (subject, code, begun), last)
            if line is None:
                continue
            begun = extract.agenda if line[1] in {"baru", "muncul lagi"} else begun
            told[extract.agenda, subject, code] = last = line
    return told


def doubted(earlier: list[Extract], here: Extract) -> set[str]:
    """Lists that lack most of what their predecessor told and nobody dealt with, though no letter gives their rows."""
    told, found = states(earlier), set()
    lasts = {key[1:]: (key[0], state) for key, state in sorted(told.items())}
    begun = {key[1:]: key[0] for key, state in sorted(told.items()) if state[1] in {"baru", "muncul lagi"}}
    for words in {file.words for e in [*earlier, here] for file in e.files}:
        mine = [file for file in here.files if file.brings(words)]
        brought = [e.agenda for e in earlier if not e.answers and any(file.words == words for file in e.files)]
        if not mine or not brought or all(file.rows is not None for file in mine):
            continue
        waited = [
            what for what, (agenda, state) in lasts.items()
            if agenda == brought[-1] and state[5] == words and state[1] not in {"selesai", "hilang"}
            and here.judges(words, what[1]) and not _by(earlier, here, (*what, begun[what]))
        ]  # fmt: skip
        again = [what for what in waited if any(r.subject == what[0] and what[1] in r.codes for r in here.rows)]
        if len(waited) >= LEAST_OPEN and 2 * len(again) < len(waited):
            found.add(words)
    return found


def _line(extract: Extract, what: tuple[str, str], last: State | None) -> State | None:
    rows = [row for row in extract.rows if row.subject == what[0] and what[1] in row.codes]
    if not rows:
        return None
    first = min(rows, key=lambda row: row.row_id)
    told = (first.row_id, *_label(extract, last), None, extract.words_of(first), *first.place)
    return told  # noqa: RET504 (mypy reads the tuple's parts)


def _label(extract: Extract, last: State | None) -> tuple[str, date, date]:
    if last is None:
        return "baru", extract.day, extract.day
    if last[1] in {"selesai", "hilang"}:
        return "muncul lagi", last[2], extract.day
    return "masih terbuka", last[2], last[3]


def _gone(extracts: list[Extract], here: Extract, what: tuple[str, str, str], last: State) -> State | None:
    """``what``: subject, code, and the agenda that began the open streak."""
    if not here.tells(last[5], what[1]):
        return None
    by = _by(extracts, here, what)
    return (None, "selesai" if by else "hilang", last[2], last[3], max(by, default=None), *last[5:])


def _by(extracts: list[Extract], here: Extract, what: tuple[str, str, str]) -> list[str]:
    """The batches that dealt with a finding in its open streak, as it stood when an extract was received."""
    subject, code, begun = what
    return [
        e.agenda for e in extracts
        if begun <= e.agenda < here.agenda and e.live and e.agenda in here.had_written
        and e.written_on is not None and e.written_on <= here.day and e.handled(subject, code)
    ]  # fmt: skip


Event = tuple[str, str, str, str | None]  # agenda, case, event, other


@dataclass
class Case:
    """An open case: who was in it when last told, and in which lists."""

    number: str
    age: int
    members: set[str]
    lists: set[str]


def cases(extracts: list[Extract]) -> tuple[set[tuple[str, str, str]], list[Event]]:
    """(agenda, case, subject) of every group told, and every event, sorted."""
    members: set[tuple[str, str, str]] = set()
    events: list[Event] = []
    open_cases: list[Case] = []
    for extract in extracts:
        if extract.answers:
            continue
        received = {row.subject for row in extract.rows}
        groups = sorted((g for g in extract.groups if g & received), key=sorted)
        heirs = _heirs(groups, open_cases)
        numbers = [heirs[at].number if at in heirs else f"G-{extract.agenda}-{at + 1:04d}" for at in range(len(groups))]
        events += _events(extract, (groups, numbers), heirs, open_cases)
        members |= {(extract.agenda, numbers[at], who) for at, group in enumerate(groups) for who in group}
        open_cases = _open_after(extract, (groups, numbers), heirs, open_cases)
    return members, sorted(events, key=str)


def _heirs(groups: list[set[str]], before: list[Case]) -> dict[int, Case]:
    """Greedy by its definition: of all pairs left the best is taken, one at a time."""
    found: dict[int, Case] = {}
    while True:
        pairs = [
            (-len(group & case.members), case.age, at)
            for at, group in enumerate(groups) if at not in found
            for case in before if group & case.members and case not in found.values()
        ]  # fmt: skip
        if not pairs:
            return found
        _, age, at = min(pairs)
        found[at] = next(case for case in before if case.age == age)


def _events(
    extract: Extract, told: tuple[list[set[str]], list[str]], heirs: dict[int, Case], before: list[Case]
) -> list[Event]:
    events: list[tuple[str, str, str | None]] = []
    for at, (group, number) in enumerate(zip(*told, strict=True)):
        kin = [case for case in before if case.members & group]
        if at in heirs:
            grew, shrank = group - heirs[at].members, heirs[at].members - group
            events += [(number, word, None) for word, true in (("tumbuh", grew), ("susut", shrank)) if true]
            events += [] if grew or shrank else [(number, "tetap", None)]
        else:
            events += [(number, "pecah", case.number) for case in kin] or [(number, "baru", None)]
        events += [(number, "gabung", case.number) for case in kin if case not in heirs.values()]
    for case in before:
        sharing = [at for at, group in enumerate(told[0]) if group & case.members]
        if sharing and case not in heirs.values():
            into = min(sharing, key=lambda at: (-len(told[0][at] & case.members), heirs[at].age, at))
            events.append((case.number, "tutup", told[1][into]))
        if _closed(extract, case, told[0]):
            events.append((case.number, "tutup", None))
    return [(extract.agenda, *event) for event in events]


def _closed(extract: Extract, case: Case, groups: list[set[str]]) -> bool:
    told = all(any(file.brings(words) for file in extract.files) for words in case.lists - extract.doubts)
    return told and not case.lists & extract.doubts and not any(case.members & group for group in groups)


def _open_after(
    extract: Extract, told: tuple[list[set[str]], list[str]], heirs: dict[int, Case], before: list[Case]
) -> list[Case]:
    age = max((case.age for case in before), default=0)
    after = []
    for at, (group, number) in enumerate(zip(*told, strict=True)):
        age += 1
        lists = {extract.words_of(row) for row in extract.rows if row.subject in group}
        after.append(Case(number, heirs[at].age if at in heirs else age, group, lists))
    kept = [
        case for case in before
        if not any(case.members & group for group in told[0]) and not _closed(extract, case, told[0])
    ]  # fmt: skip
    return kept + after
