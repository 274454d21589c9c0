"""The office whose approvals are tried: eight people, six of them registered, and the model of it as it begins."""

import atexit
import hashlib
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from expectations.approvals import MandateKind
from office_kit.approval_model import Model, Official
from tasks.approvals.people import Mandate, Person, grant, register
from tasks.ledger import open_ledger
from tasks.office import Office

START = datetime(2026, 10, 6, 2, 0, tzinfo=UTC)
KEY = bytes(range(32))
DIGESTS = tuple(hashlib.sha256(bytes([n])).hexdigest() for n in range(3))
AGENDAS = ("2026-0001", "2026-0002", "2026-0001-U1")
NIP = {
    "staff": "199503032020122901", "kasi": "198502022010011902", "kabid": "197801012003122903",
    "kadis": "197004041995031904", "serba": "198801012012011905", "plh": "197201011998011906",
    "baru": "199901012024011907", "tamu": "190001011900011908",
}  # fmt: skip
PEOPLE = tuple(NIP)
POSTS = {"serba": ("staff", "kasi", "kabid"), "plh": ("kadis",)}
PAIRS = tuple(Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(1, 4))
ROOM = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108 (made by mkdtemp)


def public(pair: int) -> str:
    """The public half of a key pair, hex."""
    return PAIRS[pair].public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


@dataclass
class Template:
    """An office with six people, made once per process and copied for every example."""

    home: Path
    secrets: list[str]
    model: Model

    @classmethod
    def make(cls) -> "Template":
        """Registers everybody."""
        office = Office(Path(tempfile.mkdtemp(prefix="sinkron-contoh-", dir=ROOM)))
        atexit.register(shutil.rmtree, office.home, ignore_errors=True)
        model, secrets = Model(newest=START), []
        with open_ledger(office) as con:
            for who in PEOPLE[:6]:
                for at, role in enumerate(POSTS.get(who, (who,))):
                    last = "2026-10-08" if who == "plh" else ""
                    kind = MandateKind.PLH if who == "plh" else MandateKind.DEFINITIVE
                    mandate = Mandate(role, kind, "1/SP" if last else "", "2026-10-06", last)
                    if at == 0:
                        secrets.append(register(con, KEY, (Person(NIP[who], who), mandate), START))
                        model.people[who] = Official(secret=len(secrets) - 1)
                    else:
                        grant(con, NIP[who], mandate, START)
                    days = (date(2026, 10, 6), date(2026, 10, 8) if last else None)
                    model.people[who].posts.append((role, *days))
        return cls(office.home, secrets, model)

    def fresh_model(self) -> Model:
        """The model of the new office."""
        people = {who: replace(person, posts=list(person.posts)) for who, person in self.model.people.items()}
        return Model(people, newest=START)
