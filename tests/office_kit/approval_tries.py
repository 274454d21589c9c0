"""One answer at a gate with up to two things wrong (or odd) about it, made from the right one."""
# ruff: noqa: ARG005 (every twist gets the world and a pick, few need both)

from dataclasses import dataclass, replace
from datetime import timedelta

from office_kit.approval_devices import LIES, POOL
from office_kit.approval_model import ORDER, Said, Tries
from office_kit.approval_office import AGENDAS, DIGESTS, PEOPLE
from office_kit.approval_world import World
from tasks.approvals.case import file_code

DECISIONS = ("Ya", "Tidak", "Cabut", "Ajukan", "", "ya", "YA")
SHIFTS = (0, -45, -110, -150, -600, -86_400, 60, 119, 121, 86_400)  # seconds between the click and now
STEPS = (-1, 1, -2, 2, -2880, 0)


@dataclass(frozen=True)
class Try:
    """An answer being made. ``code``: (secret, time step); ``sheet``: digest read from paper; ``style``: how typed."""

    said: Said
    code: tuple[int | None, int]
    sheet: str
    style: int = 0
    signing: str = ""
    pair: int = 0
    device: int | None = None
    again: bool = False


def right_try(world: World, agenda: str) -> Try:
    """Nothing wrong with it."""
    said = world.right(agenda)
    return Try(said, (said.proof[1], said.proof[2]), said.digest)


def either_way(world: World, agenda: str) -> Try:
    """Nothing wrong with it; by the person's device, where there is one, every other time."""
    made = right_try(world, agenda)
    known = world.model.people.get(made.said.person)
    return by_device(world, made, 0) if world.asked % 2 and known and known.device is not None else made


def withdrawal(world: World, agenda: str) -> Try:
    """Whoever signed last takes it back, at the gate of the next."""
    right = right_try(world, agenda)
    file = world.model.files.get(agenda)
    hands = file.sheet(file.number).hands if file else {}
    last = [role for role in ORDER if role in hands]
    if not last:
        return _said(right, decision="Cabut")
    return by_person(world, _said(right, decision="Cabut"), hands[last[-1]][0])


def by_person(world: World, made: Try, who: str) -> Try:
    """The same answer by another person, with that person's own code."""
    known = world.model.people.get(who)
    return replace(_said(made, person=who), code=(known.secret if known else None, made.code[1]))


def _said(made: Try, **changes: object) -> Try:
    return replace(made, said=replace(made.said, **changes))


def _last_signer(world: World, made: Try) -> str:
    file = world.model.files.get(made.said.agenda)
    hands = list(file.sheet(file.number).hands.values()) if file else []
    return hands[-1][0] if hands else made.said.person


def _signed(world: World, made: Try, pick: int) -> Try:
    """With a key pair instead of a code: the own one or another's, over this statement or over another one."""
    known = world.model.people.get(made.said.person)
    own = known.key if known and known.key is not None else pick % 3
    pair = own if pick % 4 else (own + 1) % 3
    return replace(made, signing="other" if pick % 5 == 0 else "this", pair=pair, device=None)


def by_device(world: World, made: Try, pick: int) -> Try:
    """On the page of device keys: with the person's own device or another one, mostly with nothing wrong."""
    known = world.model.people.get(made.said.person)
    own = known.device if known and known.device is not None else pick % POOL
    lie = ("", *LIES)[pick % (len(LIES) + 1)] if pick % 2 else ""
    number = (own + 1) % POOL if pick == 10 else own
    return replace(_said(made, on_page=True), device=number, signing=lie)


def faulty_device(world: World, made: Try, fault: str) -> Try:
    """A device's signature that was laid before the person too long ago, tells an old count, or came in a form."""
    signed = by_device(world, made, 0)
    late = signed.said.at - timedelta(seconds=301)
    return {
        "late": _said(signed, at=late), "count": replace(signed, signing="count"), "form": _said(signed, on_page=False),
    }.get(fault, signed)  # fmt: skip


def _elsewhen(made: Try, pick: int) -> Try:
    """Clicked at another time, with the code of that time."""
    shift = timedelta(seconds=SHIFTS[pick % len(SHIFTS)])
    at = made.said.at + shift
    return replace(_said(made, at=at), code=(made.code[0], int(at.timestamp()) // 30))


TWISTS = {
    "nothing": lambda world, made, pick: made,
    "person": lambda world, made, pick: by_person(world, made, PEOPLE[pick % len(PEOPLE)]),
    "other level": lambda world, made, pick: by_person(
        world, _said(made, role=ORDER[pick % 4], decision="Ajukan" if pick % 4 == 0 else "Ya"), PEOPLE[pick % 4]),
    "everybody's hand": lambda world, made, pick: by_person(world, made, "serba"),
    "last signer": lambda world, made, pick: by_person(world, made, _last_signer(world, made)),
    "role": lambda world, made, pick: _said(made, role=ORDER[pick % len(ORDER)]),
    "next gate": lambda world, made, pick: _said(made, role=ORDER[min(ORDER.index(made.said.role) + 1, 3)]),
    "decision": lambda world, made, pick: _said(made, decision=DECISIONS[pick % len(DECISIONS)]),
    "tidak": lambda world, made, pick: _said(made, decision="Tidak", note=bool(pick % 4)),
    "note": lambda world, made, pick: _said(made, note=not made.said.note),
    "wrong code": lambda world, made, pick: replace(made, code=(None, made.code[1])),
    "code of another time": lambda world, made, pick: replace(
        made, code=(made.code[0], made.code[1] + STEPS[pick % len(STEPS)])),
    "code of another": lambda world, made, pick: replace(
        made, code=(pick % len(world.secrets), made.code[1])),
    "clicked elsewhen": lambda world, made, pick: _elsewhen(made, pick),
    "clicked too soon or too late": lambda world, made, pick: _elsewhen(made, (3, 4, 5, 8, 9)[pick % 5]),
    "used code": lambda world, made, pick: replace(
        made, code=(made.code[0], world.model.tries.get(made.said.person, Tries()).used)),
    "no form": lambda world, made, pick: _said(made, proof=("none", 0, 0)),
    "key": _signed,
    "device": by_device,
    "device in a form": lambda world, made, pick: _said(by_device(world, made, pick), on_page=False),
    "on the page": lambda world, made, pick: _said(made, on_page=True),
    "another's login": lambda world, made, pick: _said(made, own_login=False),
    "other sheet": lambda world, made, pick: replace(made, sheet=DIGESTS[pick % len(DIGESTS)]),
    "typed otherwise": lambda world, made, pick: replace(made, style=pick),
    "digest": lambda world, made, pick: _said(made, digest=DIGESTS[pick % len(DIGESTS)]),
    "digest and sheet": lambda world, made, pick: replace(
        _said(made, digest=DIGESTS[pick % 3]), sheet=DIGESTS[pick % 3]),
    "round": lambda world, made, pick: _said(made, round_no=max(1, made.said.round_no + (1, -1, 40)[pick % 3])),
    "batch": lambda world, made, pick: _said(made, agenda=AGENDAS[pick % len(AGENDAS)]),
    "again": lambda world, made, pick: replace(made, again=True),
}  # fmt: skip


def typed(made: Try) -> tuple[str, bool]:
    """The kode berkas as typed, and whether it is the right one: case, blanks, dashes and look-alikes do not matter."""
    code = file_code(made.sheet) if made.sheet else ""
    style = made.style % 6
    text = (
        code, code.lower(), code.replace("-", " "), code.replace("1", "l").replace("0", "o"), code[:-1],
        code[:-1] + ("A" if code[-1:] != "A" else "B"),
    )[style]  # fmt: skip
    return text, style < 4 and bool(code) and made.sheet == made.said.digest


def play(world: World, made: Try) -> None:
    """Answers, on both sides."""
    said = made.said
    secret, step = made.code
    known, now_step = world.model.people.get(said.person), world.step(said.at)
    code = world.code(secret, step)
    valid = known.secret if known else None
    if valid is not None:
        near = [now_step + n for n in (-1, 0, 1) if world.code(valid, now_step + n) == code]
        meant = secret == valid and abs(step - now_step) <= 1
        if near and not meant:  # one chance in a million: the wrong code is right
            secret, code = None, world.code(None, now_step)
        elif near:
            step = max(near)
    text, right_file = typed(made)
    proof = ("key", made.pair, int(made.signing == "this")) if made.signing else ("code", secret, step)
    if made.device is not None:
        proof = ("device", made.device, world.devices.count(made.device, made.signing))
    proof = proof if said.proof[0] != "none" else said.proof
    world.answer(replace(said, proof=proof, file_code=right_file), (code, text, made.signing),
                 "again" if made.again else "")  # fmt: skip
