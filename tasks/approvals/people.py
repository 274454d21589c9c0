"""The registry: people, their dated mandates, their codes and keys. It is what the ledger's entries say, in order.

Nothing about a person but the sealed secret lies outside the chain, so nobody gets a mandate that is not an entry.
"""

import sqlite3
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from expectations.approvals import LEVELS, MandateKind
from tasks.approvals.device import Device
from tasks.approvals.secrets import forget_secret, new_secret, usable_key
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Entry, Kind, LedgerConnection, append, entries_of, writing
from tasks.office import WIB

NIP_DIGITS = 18
LONGEST_NAME, LONGEST_LETTER = 100, 60
KINDS = (Kind.PERSON, Kind.MANDATE, Kind.CREDENTIAL, Kind.DISABLED)
DEVICE, DEVICE_CODE = "device", "device_code"  # methods of an entry: a device key, the code that allows to enrol one


@dataclass(frozen=True)
class Mandate:
    """One post for some days. ``role``: key of LEVELS; dates ISO (WIB), both included, ``valid_to`` "" = open."""

    role: str
    kind: MandateKind = MandateKind.DEFINITIVE
    letter: str = ""
    valid_from: str = ""
    valid_to: str = ""

    def holds(self, role: str, day: str) -> bool:
        """Whether it allows acting as ``role`` on ``day`` (ISO date, WIB)."""
        return self.role == role and self.valid_from <= day and (not self.valid_to or day <= self.valid_to)

    @property
    def title(self) -> str:
        """How documents name the post: "Kadis", "Plh. Kadis"."""
        acting = "" if self.kind is MandateKind.DEFINITIVE else f"{self.kind.value.capitalize()}. "
        return acting + LEVELS[self.role].title


@dataclass(frozen=True)
class Person:
    """Somebody who may decide. ``secret``: hash of the sealed TOTP secret; ``public_key``: Ed25519, hex; "" = none.

    ``device``: the device key; ``invitation``: keyed hash of the code that may enrol one until ``invited_until`` (UTC).
    """

    nip: str
    name: str
    demo: bool = False
    mandates: tuple[Mandate, ...] = ()
    secret: str = ""
    public_key: str = ""
    device: Device | None = None
    invitation: str = ""
    invited_until: str = ""
    disabled: bool = False
    credential_seq: int = field(default=0, compare=False)  # failures before a new code do not count against it

    def mandate(self, role: str, day: str) -> Mandate | None:
        """The mandate that allows acting as ``role`` on that day; of several the newest."""
        return next((m for m in reversed(self.mandates) if m.holds(role, day)), None)


def people(con: sqlite3.Connection) -> dict[str, Person]:
    """Everybody registered, by NIP, as the ledger's entries make them."""
    found: dict[str, Person] = {}
    for entry in entries_of(con, KINDS):
        nip = entry.payload["nip"]
        found[nip] = _after(found.get(nip), entry)
    return found


def _after(person: Person | None, entry: Entry) -> Person:
    facts = entry.payload
    if entry.kind == Kind.PERSON:
        person = Person(facts["nip"], facts["name"], bool(facts["demo"]))
    if person is None:
        raise AssertionError("entri tentang orang yang belum didaftarkan")
    if entry.kind == Kind.DISABLED:
        return Person(person.nip, person.name, person.demo, disabled=True, credential_seq=person.credential_seq)
    if entry.kind in (Kind.PERSON, Kind.CREDENTIAL):
        person = _with_credential(person, entry)
    if "mandate" in facts:
        person = replace(person, mandates=(*person.mandates, mandate_of(facts["mandate"])))
    return person


def _with_credential(person: Person, entry: Entry) -> Person:
    method, proof = entry.payload["method"], entry.payload["proof"]
    if method == DEVICE_CODE:
        return replace(person, device=None, invitation=proof, invited_until=entry.payload["until"])
    if method == DEVICE:
        device = Device(**proof, seq=entry.seq)
        return replace(person, device=device, invitation="", invited_until="", credential_seq=entry.seq)
    return replace(person, **{method: proof}, disabled=False, credential_seq=entry.seq)


def mandate_of(facts: dict[str, str]) -> Mandate:
    """A mandate as the ledger keeps it."""
    kind = MandateKind(facts["kind"])
    return Mandate(facts["role"], kind, facts["letter"], facts["valid_from"], facts["valid_to"])


def mandate_facts(mandate: Mandate) -> dict[str, str]:
    """What the ledger keeps of a mandate."""
    return {name: str(getattr(mandate, name)) for name in ("role", "kind", "letter", "valid_from", "valid_to")}


def register(con: LedgerConnection, key: bytes, who: tuple[Person, Mandate], now: datetime) -> str:
    """Registers a person with a first mandate; returns the new TOTP secret (base32), which is shown once.

    An empty ``valid_from`` means from today (WIB). Raises UserError (IDENTITY) with everything wrong at once: a NIP
    that is not 18 digits or registered already, no name, an unknown role, an acting mandate without letter or end.
    """
    person, mandate = who
    mandate = _from_today(mandate, now)
    problems = [*_wrong_person(person), *_wrong_mandate(mandate)]
    with writing(con):
        if person.nip in people(con):
            problems.append(Problem("NIP", "sudah terdaftar", "NIP yang belum terdaftar",
                                    "lihat: sinkron approver list; mandat baru: sinkron approver mandate"))  # fmt: skip
        refuse(problems)
        secret, proof = new_secret(con, key, person.nip)
        facts = {
            "nip": person.nip, "name": person.name.strip(), "demo": person.demo, "method": "secret", "proof": proof,
            "mandate": mandate_facts(mandate),
        }  # fmt: skip
        append(con, now, (Kind.PERSON, "", "sinkron"), facts)
    return secret


def grant(con: LedgerConnection, nip: str, mandate: Mandate, now: datetime) -> None:
    """Gives a registered person one more mandate. Raises UserError (IDENTITY)."""
    mandate = _from_today(mandate, now)
    with writing(con):
        refuse([*unknown(con, nip), *_wrong_mandate(mandate)])
        append(con, now, (Kind.MANDATE, "", "sinkron"), {"nip": nip, "mandate": mandate_facts(mandate)})


def rotate(con: LedgerConnection, key: bytes, nip: str, now: datetime) -> str:
    """A new TOTP secret (base32) in place of the old one; also lifts a lock. Raises UserError (IDENTITY)."""
    with writing(con):
        refuse(unknown(con, nip, disabled_too=True))
        secret, proof = new_secret(con, key, nip)
        append(con, now, (Kind.CREDENTIAL, "", "sinkron"), {"nip": nip, "method": "secret", "proof": proof})
    return secret


def enrol_key(con: LedgerConnection, nip: str, public_key: str, now: datetime) -> None:
    """Takes the public half (hex) of a person's Ed25519 key as a second way to sign. Raises UserError (IDENTITY)."""
    public_key = public_key.strip().lower()
    with writing(con):
        taken = any(public_key == person.public_key for person in people(con).values())
        wrong = [] if usable_key(public_key) else [_bad_key("bukan kunci umum Ed25519")]
        refuse([*unknown(con, nip), *wrong, *([_bad_key("sudah dipakai")] if taken else [])])
        append(con, now, (Kind.CREDENTIAL, "", "sinkron"), {"nip": nip, "method": "public_key", "proof": public_key})


def _bad_key(received: str) -> Problem:
    allowed = "64 angka heksadesimal, milik satu orang saja"
    return Problem("kunci umum", received, allowed, "buat pasangan kunci baru untuk orang ini")


def disable(con: LedgerConnection, nip: str, reason: str, now: datetime) -> None:
    """Ends all mandates and destroys the code. What the person signed before stays signed. Raises UserError."""
    missing = Problem("alasan", "kosong", "alasan singkat", "isi --alasan")
    with writing(con):
        refuse([*unknown(con, nip), *([] if reason.strip() else [missing])])
        forget_secret(con, nip)
        append(con, now, (Kind.DISABLED, "", "sinkron"), {"nip": nip, "reason": reason.strip()})


def _from_today(mandate: Mandate, now: datetime) -> Mandate:
    return mandate if mandate.valid_from else replace(mandate, valid_from=now.astimezone(WIB).date().isoformat())


def _wrong_person(person: Person) -> list[Problem]:
    wrong: list[Problem] = []
    if not (person.nip.isascii() and person.nip.isdigit() and len(person.nip) == NIP_DIGITS):
        wrong.append(Problem("NIP", "bukan 18 angka", "18 angka tanpa spasi", "periksa SK orang itu"))
    if not person.name.strip() or len(person.name) > LONGEST_NAME or not person.name.isprintable():
        wrong.append(Problem("nama", "kosong atau tidak terbaca", "nama orang, paling panjang 100 huruf", "isi --nama"))
    return wrong


def _wrong_mandate(mandate: Mandate) -> list[Problem]:
    acting = mandate.kind is not MandateKind.DEFINITIVE
    checks: list[tuple[bool, Problem]] = [
        (mandate.role not in LEVELS, Problem("peran", mandate.role, ", ".join(LEVELS), "pilih salah satu")),
        (acting and not mandate.letter.strip(),
         Problem("surat", "kosong", "nomor surat perintah untuk Plh dan Plt", "isi --surat")),
        (len(mandate.letter) > LONGEST_LETTER or not mandate.letter.isprintable(),
         Problem("surat", "terlalu panjang atau tidak terbaca", "nomor surat, paling panjang 60 huruf", "isi --surat")),
        (acting and not mandate.valid_to,
         Problem("sampai", "kosong", "hari terakhir untuk Plh dan Plt", "isi --sampai")),
        (not all(_is_day(day) for day in (mandate.valid_from, mandate.valid_to or mandate.valid_from)),
         Problem("mulai/sampai", "bukan tanggal", "YYYY-MM-DD", "periksa surat perintah")),
        (bool(mandate.valid_to) and mandate.valid_to < mandate.valid_from,
         Problem("sampai", "lebih awal dari mulai", "tidak sebelum hari pertama", "periksa surat perintah")),
    ]  # fmt: skip
    return [problem for is_wrong, problem in checks if is_wrong]


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def unknown(con: sqlite3.Connection, nip: str, *, disabled_too: bool = False) -> list[Problem]:
    """What is wrong with a NIP of which a registered, active person is expected."""
    person = people(con).get(nip)
    if person and (disabled_too or not person.disabled):
        return []
    state = "dinonaktifkan" if person else "tidak terdaftar"
    step = "ganti kodenya dahulu: sinkron approver rotate" if person else "lihat: sinkron approver list"
    return [Problem("NIP", state, "NIP orang yang terdaftar dan aktif", step)]


def refuse(problems: list[Problem]) -> None:
    """Raises UserError (IDENTITY) when there are problems."""
    if problems:
        raise UserError(Exit.IDENTITY, *problems)
