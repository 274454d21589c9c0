"""The office's rules of approval once more, small: what a state machine holds the real ones against.

Written from the SOP, the handbook and the promises about approvals, never from ``tasks.approvals``: it imports nothing
of it, keeps plain Python values instead of a ledger, and changes its state where the real one reads entries.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

WIB = timezone(timedelta(hours=7))
STAFF, CHAIN = "staff", ("kasi", "kabid", "kadis")
ORDER = (STAFF, *CHAIN)
SLACK = timedelta(minutes=2)  # by so much clocks may differ
HALF_MINUTE = 30


@dataclass
class Official:
    """A registered person. ``posts``: (role, first day, last day or None)."""

    posts: list[tuple[str, date, date | None]] = field(default_factory=list)
    secret: int | None = None  # which of the secrets handed out is the valid one
    key: int | None = None  # which of the key pairs is the valid one
    device: int | None = None  # which of the devices is the valid one
    invited_until: datetime | None = None  # until when a new device may be enrolled
    disabled: bool = False


@dataclass
class Tries:
    """What somebody (registered or not) tried: the newest code used, wrong ones in a row, when locks began."""

    used: int = 0
    wrong: int = 0
    locks: list[datetime] = field(default_factory=list)

    def locked(self, at: datetime) -> bool:
        """Whether nothing is taken from this person at ``at``."""
        if not self.locks:
            return False
        return at < self.locks[-1] + (timedelta(hours=24) if len(self.locks) >= 3 else timedelta(minutes=15))

    def guess(self, at: datetime) -> None:
        """A wrong code; the fifth in a row locks."""
        self.wrong += 1
        if self.wrong == 5:
            self.wrong = 0
            self.locks = [*(lock for lock in self.locks if at - lock < timedelta(hours=24)), at]


@dataclass
class Sheet:
    """One round: what lies before Staff and the chain, whose hands are on it, whose earlier decisions it repeats."""

    draft: str = ""
    final: str = ""
    lies_since: dict[str, datetime] = field(default_factory=dict)  # "draft", "final"
    asks_staff: bool = False
    hands: dict[str, tuple[str, bool]] = field(default_factory=dict)  # role -> (person, marked as one of two hands)
    over: bool = False
    repeats: tuple[str, ...] = ()

    @property
    def proposed(self) -> bool:
        """Whether anything lies there."""
        return bool(self.draft or self.final)

    def digest(self, role: str) -> str:
        """What a role's hand would be under."""
        return self.draft if role == STAFF else self.final


@dataclass
class File:
    """A batch, or the undo of one."""

    sheets: dict[int, Sheet] = field(default_factory=dict)
    prepared_by: set[str] = field(default_factory=set)
    undo: bool = False
    finished: bool = False

    @property
    def number(self) -> int:
        """The round that counts: the newest in which something lies."""
        return max((n for n, sheet in self.sheets.items() if sheet.proposed), default=1)

    def sheet(self, number: int) -> Sheet:
        """A round, empty when there was none."""
        return self.sheets.setdefault(number, Sheet())


@dataclass(frozen=True)
class Said:
    """One answer as the model sees it.

    ``proof``: ("code", secret, step), ("key", pair, right), ("device", number, count or -1) or ("none", 0, 0).
    ``on_page``: on the page where devices sign, not in a form; ``own_login``: through a login of that person.
    """

    agenda: str
    round_no: int
    role: str
    digest: str
    decision: str
    note: bool
    person: str
    proof: tuple[str, int | None, int]
    file_code: bool
    at: datetime
    on_page: bool = False
    own_login: bool = True


@dataclass
class Model:
    """The whole office. ``newest``: the time of the newest entry of the Buku Agenda.

    ``counts``: of every device that was ever enrolled, how many signatures it had told; ``door``: a form counts only
    through the signer's own login.
    """

    people: dict[str, Official] = field(default_factory=dict)
    tries: dict[str, Tries] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    newest: datetime | None = None
    counts: dict[int, int] = field(default_factory=dict)
    door: bool = False

    def clock_ok(self, now: datetime) -> bool:
        """Nothing is written while the clock runs behind what was written."""
        return self.newest is None or now >= self.newest - SLACK

    def holds(self, person: str, role: str, at: datetime) -> bool:
        """Whether the person has that post on that day of the office."""
        who, day = self.people.get(person), at.astimezone(WIB).date()
        return bool(who) and any(
            post == role and first <= day and (last is None or day <= last) for post, first, last in who.posts
        )

    def proves(self, said: Said) -> bool:
        """Whether the answer comes from the person it names; a right code is used up by it."""
        if said.proof[0] == "none":
            return False
        tries, who = self.tries.setdefault(said.person, Tries()), self.people.get(said.person)
        if tries.locked(said.at):
            return False
        kind, which, detail = said.proof
        if kind == "key":
            right = who is not None and who.key is not None and who.key == which and bool(detail)
        elif kind == "device":
            last = self.counts.get(which, 0)
            right = who is not None and who.device is not None and who.device == which
            right = right and (detail > last or detail == last == 0)  # some never count
        else:
            right = who is not None and who.secret is not None and who.secret == which
            right = right and abs(detail - int(said.at.timestamp()) // HALF_MINUTE) <= 1
            if right and detail <= tries.used:
                return False
        if not right:
            tries.guess(said.at)
            return False
        if kind == "code":
            tries.used = detail
        if kind == "device":
            self.counts[which] = detail
        tries.wrong = 0
        return True

    def answers(self, said: Said, now: datetime, *, strict: bool) -> bool:
        """Whether the answer counts; what it does is done."""
        self.newest = now
        if not self.proves(said):
            return False
        file = self.files.setdefault(said.agenda, File())
        sheet = file.sheet(said.round_no)
        withdraws = ""
        if said.decision == "Cabut":
            below = [role for role in ORDER[: ORDER.index(said.role)] if role in sheet.hands]
            withdraws = below[-1] if below else ""
        if not self.holds(said.person, withdraws or said.role, said.at) or not said.file_code:
            return False
        if not self._came_right(said, now) or not self._lies_open(file, said, now):
            return False
        if said.decision == "Cabut":
            return self._withdraws(sheet, withdraws, said.person)
        if said.role == STAFF:
            return self._submits(file, sheet, said)
        # Whose earlier decisions are repeated may refuse them, never approve them.
        prepared_by = file.prepared_by if said.decision == "Tidak" else self.preparers(said.agenda)
        return self._approves(sheet, said, prepared_by, strict=strict)

    def preparers(self, agenda: str) -> set[str]:
        """Who submitted a file in any round, and who submitted those whose decisions its newest round repeats."""
        file = self.files.get(agenda, File())
        repeated = file.sheets.get(file.number, Sheet()).repeats
        return file.prepared_by.union(*(self.files.get(name, File()).prepared_by for name in repeated))

    def _came_right(self, said: Said, now: datetime) -> bool:
        """A device signs on its page, within five minutes, everything else in a form; each in his own name."""
        if said.on_page is not (said.proof[0] == "device"):
            return False
        if said.on_page and now - said.at > timedelta(minutes=5):
            return False
        return said.own_login or not (said.on_page or self.door)

    def _lies_open(self, file: File, said: Said, now: datetime) -> bool:
        sheet = file.sheet(said.round_no)
        if file.finished or sheet.over or said.round_no != file.number:
            return False
        if not said.digest or sheet.digest(said.role) != said.digest or said.role in sheet.hands:
            return False
        since = sheet.lies_since["draft" if said.role == STAFF else "final"]
        return since - SLACK <= said.at <= now + SLACK

    @staticmethod
    def _withdraws(sheet: Sheet, role: str, person: str) -> bool:
        if not role or sheet.hands[role][0] != person:
            return False
        del sheet.hands[role]
        sheet.over = role == STAFF
        return True

    @staticmethod
    def _submits(file: File, sheet: Sheet, said: Said) -> bool:
        approvers = {person for role, (person, _) in sheet.hands.items() if role != STAFF}
        if said.decision != "Ajukan" or said.person in approvers:
            return False
        sheet.hands[STAFF] = (said.person, False)
        file.prepared_by.add(said.person)
        return True

    @staticmethod
    def _approves(sheet: Sheet, said: Said, prepared_by: set[str], *, strict: bool) -> bool:
        if said.decision not in ("Ya", "Tidak") or (said.decision == "Tidak" and not said.note):
            return False
        needed = [*([STAFF] if sheet.asks_staff else []), *CHAIN[: CHAIN.index(said.role)]]
        if any(role not in sheet.hands for role in needed):
            return False
        approvers = {person for role, (person, _) in sheet.hands.items() if role != STAFF}
        two_hands = said.person in approvers | prepared_by
        if two_hands and strict:
            return False
        if said.decision == "Tidak":
            sheet.over = True
        else:
            sheet.hands[said.role] = (said.person, two_hands)
        return True

    def propose(
        self, where: tuple[str, int], step: str, digest: str, terms: tuple[datetime, bool, tuple[str, ...]]
    ) -> None:
        """A change-set is laid before Staff ("draft"), the chain ("propose") or both ("undo")."""
        agenda, number = where
        now, asks_staff, repeats = terms
        file = self.files.setdefault(agenda, File())
        sheet = file.sheet(number)
        if digest == (sheet.draft if step == "draft" else sheet.final):
            return  # it lies there already
        self.newest = now
        if step in ("draft", "undo"):
            sheet.lies_since["draft"], sheet.asks_staff = now, asks_staff
            if digest != sheet.draft:
                sheet.hands.pop(STAFF, None)
            sheet.draft = digest
        if step in ("propose", "undo"):
            sheet.lies_since["final"], sheet.repeats = now, repeats
            for role in CHAIN:
                sheet.hands.pop(role, None)
            sheet.final = digest

    def turn(self, agenda: str) -> str | None:
        """The role asked now, "sinkron" when nobody is, None when nothing is left to do."""
        file = self.files.get(agenda, File())
        sheet = file.sheets.get(file.number, Sheet())
        if file.finished or (file.undo and sheet.over):
            return None
        if sheet.over:
            return "sinkron"
        if sheet.asks_staff and STAFF not in sheet.hands:
            return STAFF
        missing = [role for role in CHAIN if role not in sheet.hands]
        return missing[0] if sheet.final and missing else "sinkron"

    def approved(self, case: tuple[str, int, str], *, strict: bool) -> bool:
        """Whether exactly this change-set may be written."""
        agenda, number, digest = case
        file = self.files.get(agenda, File())
        sheet = file.sheets.get(number, Sheet())
        if number != file.number or sheet.over or not digest or digest != sheet.final:
            return False
        if any(role not in sheet.hands for role in CHAIN) or (sheet.asks_staff and STAFF not in sheet.hands):
            return False
        seen = self.preparers(agenda)
        for role in CHAIN:
            person, marked = sheet.hands[role]
            if person in seen and (strict or not marked):
                return False
            seen.add(person)
        return True
