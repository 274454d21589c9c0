"""The real approvals beside the reference model: every call is made on both, every answer is compared.

One ledger, opened once, in memory (/dev/shm) where there is such a place. A difference is an AssertionError; one where
the real office takes or approves what the model does not is a bypass.
"""

import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyotp

from expectations.approvals import MandateKind, Separation
from office_kit.approval_devices import Devices
from office_kit.approval_model import CHAIN, HALF_MINUTE, ORDER, STAFF, WIB, File, Official, Said, Tries
from office_kit.approval_office import AGENDAS, DIGESTS, KEY, NIP, PAIRS, PEOPLE, ROOM, START, Template, public
from tasks.approvals.case import Case
from tasks.approvals.decide import Answer, Judging, Question, decide, legible, statement
from tasks.approvals.docket import DEVICE, DRAFT, FORM, UNDO, docket, fully_approved, record_proposal
from tasks.approvals.people import Mandate, Person, disable, enrol_key, grant, register, rotate
from tasks.errors import UserError
from tasks.ledger import Kind, append, open_ledger, writing
from tasks.office import Office


class World:
    """One office and its model; ``counts`` is what the caller adds up."""

    def __init__(self, template: Template, counts: Counter[str]) -> None:
        self.counts, self.model, self.secrets = counts, template.fresh_model(), list(template.secrets)
        self.now, self.strict, self.asked = START, True, 0
        self.last: tuple[Question, Answer, bool] | None = None
        self.devices = Devices(self)
        self.closing = ExitStack()
        self.home = Path(tempfile.mkdtemp(prefix="sinkron-coba-", dir=ROOM))
        self.closing.callback(shutil.rmtree, self.home)
        shutil.copytree(template.home, self.home, dirs_exist_ok=True)
        self.con = self.closing.enter_context(open_ledger(Office(self.home)))

    # --- calls and comparison -------------------------------------------------------------------------------------

    def call(self, action: object, *, expected: bool) -> None:
        """Runs one writing call of the API, which must be refused (UserError) exactly when the model says so."""
        self.counts["calls"] += 1
        before = self.entries()
        try:
            action()
            done = True
        except (UserError, sqlite3.IntegrityError):
            done = False
            assert self.entries() == before, "ditolak tetapi tertulis"
        self.judge(done, expected, "call")

    def entries(self) -> int:
        """How many entries the ledger has."""
        return self.con.execute("select count(*) from entries").fetchone()[0]

    def judge(self, real: bool, expected: bool, what: str) -> None:
        """Counts, and stops at a difference."""
        self.counts["accepted" if real else "refused"] += what != "approved"
        if real != expected:
            self.counts["bypasses" if real else "mismatches"] += 1
            raise AssertionError(f"{what}: kantor {real}, model {expected}")

    def compare(self, agenda: str) -> None:
        """``fully_approved`` of every change-set of this batch's round, and of what lies in the others."""
        for name in AGENDAS:
            file = self.model.files.get(name, File())
            lying = {(number, sheet.final) for number, sheet in file.sheets.items() if sheet.final}
            here = {(file.number, digest) for digest in DIGESTS}
            near = {case for case in lying if abs(case[0] - file.number) < 2} if name == agenda else lying
            for number, digest in sorted(near | here if name == agenda else {c for c in near if c[0] == file.number}):
                self._compare(Case(name, number, digest))
        assert docket(self.con, agenda).turn() == self.model.turn(agenda)

    def _compare(self, case: Case) -> None:
        for strict in (True, False):
            real = fully_approved(self.con, case, Separation.STRICT if strict else Separation.NOTED)
            expected = self.model.approved((case.agenda, case.round, case.digest), strict=strict)
            self.counts["reads"] += 1
            self.counts["approved"] += real
            self.judge(real, expected, "approved")

    # --- what is proposed -----------------------------------------------------------------------------------------

    def propose(
        self, agenda: str, number: int, what: tuple[str, str], *, staff: bool, repeats: tuple[str, ...] = ()
    ) -> None:
        """Lays a change-set (``what``: step, digest) down; ``repeats``: the batches whose decisions it takes over."""
        step, digest = what
        model, file = self.model, self.model.files.setdefault(agenda, File())
        sheet = file.sheet(number)
        same = digest == (sheet.draft if step == DRAFT else sheet.final)
        facts = {"staff": staff, "rows": 1, "changes": 1, "rests_on": list(repeats)}
        expected = same or model.clock_ok(self.now)
        self.call(lambda: record_proposal(self.con, Case(agenda, number, digest), (step, facts), self.now),
                  expected=expected)  # fmt: skip
        if expected:
            model.propose((agenda, number), step, digest, (self.now, staff, repeats))
        self.compare(agenda)

    def open_undo(self, agenda: str) -> None:
        """The entry that asks to take a batch back."""
        file = self.model.files.setdefault(agenda, File())
        if not file.undo:
            file.undo = self.entry(Kind.UNDO, agenda, {"undoes": "2026-0001", "reason": "x", "digest": DIGESTS[0]})
        self.propose(agenda, 1, (UNDO, DIGESTS[0]), staff=True)

    def entry(self, kind: Kind, agenda: str, payload: dict[str, object]) -> bool:
        """One entry past the approvals, as other steps write it."""
        good = kind is Kind.CLOCK or self.model.clock_ok(self.now)

        def write() -> None:
            with writing(self.con):
                append(self.con, self.now, (kind, agenda, "sinkron"), payload)

        self.call(write, expected=good)
        if good:
            self.model.newest = self.now
        return good

    def void(self, agenda: str) -> None:
        """The current round falls: a resident was changed meanwhile."""
        file = self.model.files.setdefault(agenda, File())
        if not file.sheet(file.number).proposed:
            return
        payload = {"round": file.number, "digest": file.sheet(file.number).final, "why": "konflik", "rows": 1}
        if self.entry(Kind.VOIDED, agenda, payload):
            file.sheet(file.number).over = True
        self.compare(agenda)

    def write(self, agenda: str) -> None:
        """What is fully approved is written."""
        file = self.model.files.get(agenda, File())
        final = file.sheet(file.number).final
        if self.model.approved((agenda, file.number, final), strict=self.strict):
            kind = Kind.UNDONE if file.undo else Kind.WRITTEN
            file.finished = self.entry(kind, agenda, {"digest": final, "undoes": "2026-0001"}) or file.finished
        self.compare(agenda)

    # --- people ---------------------------------------------------------------------------------------------------

    def register(self, who: str, role: str) -> None:
        """Somebody new, or somebody known once more."""
        expected = who not in self.model.people and self.model.clock_ok(self.now)
        person = Person(NIP[who], who)
        self.call(lambda: self.secrets.append(register(self.con, KEY, (person, Mandate(role)), self.now)),
                  expected=expected)  # fmt: skip
        if expected:
            first = self.now.astimezone(WIB).date()
            self.model.people[who] = Official([(role, first, None)], len(self.secrets) - 1)
            self.model.tries[who] = Tries()
            self.model.newest = self.now

    def grant(self, who: str, role: str, days: tuple[int, int | None], kind: MandateKind) -> None:
        """A mandate from ``days`` [0] to [1] days away from today, with a letter where it is an acting one."""
        today = self.now.astimezone(WIB).date()
        first = today + timedelta(days=days[0])
        last = None if days[1] is None else today + timedelta(days=days[1])
        known = self.model.people.get(who)
        sound = (last is None or last >= first) and (kind is MandateKind.DEFINITIVE or last is not None)
        expected = bool(known) and not known.disabled and sound and self.model.clock_ok(self.now)
        mandate = Mandate(role, kind, "7/SP", first.isoformat(), last.isoformat() if last else "")
        self.call(lambda: grant(self.con, NIP[who], mandate, self.now), expected=expected)
        if expected:
            known.posts.append((role, first, last))
            self.model.newest = self.now

    def rotate(self, who: str) -> None:
        """A new code, which also lifts a lock."""
        expected = who in self.model.people and self.model.clock_ok(self.now)
        self.call(lambda: self.secrets.append(rotate(self.con, KEY, NIP[who], self.now)), expected=expected)
        if expected:
            person, tries = self.model.people[who], self.model.tries.setdefault(who, Tries())
            person.secret, person.disabled = len(self.secrets) - 1, False
            tries.wrong, tries.locks, self.model.newest = 0, [], self.now

    def enrol(self, who: str, pair: int) -> None:
        """A key pair for somebody; nobody else may have it."""
        known = self.model.people.get(who)
        free = all(person.key != pair for person in self.model.people.values())
        expected = bool(known) and not known.disabled and free and self.model.clock_ok(self.now)
        self.call(lambda: enrol_key(self.con, NIP[who], public(pair), self.now), expected=expected)
        if expected:
            tries = self.model.tries.setdefault(who, Tries())
            known.key, tries.wrong, tries.locks, self.model.newest = pair, 0, [], self.now

    def disable(self, who: str) -> None:
        """Somebody leaves the office."""
        known = self.model.people.get(who)
        expected = bool(known) and not known.disabled and self.model.clock_ok(self.now)
        self.call(lambda: disable(self.con, NIP[who], "pindah", self.now), expected=expected)
        if expected:
            known.posts, known.secret, known.key, known.disabled = [], None, None, True
            known.device, known.invited_until = None, None
            self.model.newest = self.now

    # --- answers --------------------------------------------------------------------------------------------------

    def answer(self, said: Said, texts: tuple[str, str, str], key: str = "") -> None:
        """One decision. ``texts``: one-time code, kode berkas, signature kind; ``key``: "" new, "again" the last."""
        code, file_code, signing = texts
        if key == "again" and self.last:
            question, _, expected = self.last
            assert self._decide(question, self.last[1]) is expected
            self.compare(question.case.agenda)
            return
        self.asked += 1
        channel = DEVICE if said.on_page else FORM
        question = Question(Case(said.agenda, said.round_no, said.digest), said.role, self.asked, channel)
        note, nip = ("ada" if said.note else " "), (NIP[said.person] if said.proof[0] != "none" else "")
        login = NIP[said.person if said.own_login else "tamu" if said.person != "tamu" else "staff"]
        answer = Answer(said.decision, note, nip, code, said.at, file_code, login=login)
        if said.proof[0] == "key":
            answer = self._sign(question, answer, (int(said.proof[1] or 0), signing))
        if said.proof[0] == "device":
            answer = self.devices.sign((question, answer), int(said.proof[1] or 0), (signing, said.proof[2]))
        if not self.model.clock_ok(self.now):
            self.call(lambda: decide(self.con, self._office(), question, answer), expected=False)
        else:
            expected = self.model.answers(said, self.now, strict=self.strict)
            self.last = (question, answer, expected)
            self.judge(self._decide(question, answer), expected, "decide")
            self.counts["by_device"] += expected and said.proof[0] == "device"
        self.compare(said.agenda)

    def _sign(self, question: Question, answer: Answer, how: tuple[int, str]) -> Answer:
        pair, kind = how
        about = question if kind != "other" else replace(question, attempt=question.attempt + 1)
        return replace(answer, signature=PAIRS[pair].sign(statement(about, legible(answer))).hex())

    def _office(self) -> Judging:
        separation = Separation.STRICT if self.strict else Separation.NOTED
        return Judging(KEY, separation, self.now, self.model.door)

    def _decide(self, question: Question, answer: Answer) -> bool:
        self.counts["calls"] += 1
        return decide(self.con, self._office(), question, answer).accepted

    def step(self, at: datetime) -> int:
        """The TOTP time step of a moment."""
        return int(at.timestamp()) // HALF_MINUTE

    def code(self, secret: int | None, step: int) -> str:
        """The code of a secret at a time step; without one, six digits that are right for nobody just now."""
        if secret is None or step < 0:  # nobody used a code yet: there is none to use again
            taken = {pyotp.TOTP(s).generate_otp(step + n) for s in self.secrets for n in (-1, 0, 1) if step + n >= 0}
            return next(text for text in ("000000", "111111", "222222") if text not in taken)
        return pyotp.TOTP(self.secrets[secret]).generate_otp(step)

    def right(self, agenda: str) -> Said:
        """The answer that the office waits for, by the person whose post it is."""
        file = self.model.files.get(agenda, File())
        sheet = file.sheets.get(file.number)
        turn = self.model.turn(agenda)
        role = turn if turn in ORDER else CHAIN[-1]
        who = next((name for name in (role, *PEOPLE) if self.model.holds(name, role, self.now)), role)
        secret = self.model.people[who].secret if who in self.model.people else None
        proof = ("code", secret, self.step(self.now))
        decision = "Ajukan" if role == STAFF else "Ya"
        digest = sheet.digest(role) if sheet else DIGESTS[0]
        return Said(agenda, file.number, role, digest, decision, False, who, proof, True, self.now)
