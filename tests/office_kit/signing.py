"""A written batch on the table of its three officials: they sign its Berita Acara, and somebody checks it."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from asn1crypto import x509
from pyhanko.sign.signers import SimpleSigner

from expectations.approvals import CHAIN
from office_kit.certificates import PASSPHRASE, Authority, Certified, authority
from office_kit.signers import NIP
from office_kit.small import Batch, Opened
from office_kit.small import copy_of as copy_of_batch
from office_kit.writing import write
from tasks.documents.issue import issue
from tasks.documents.minutes import Box, minutes, signature_boxes
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.signing.check import Rules, check_signatures
from tasks.signing.order import Expected, Signatory, expected_of
from tasks.signing.pades import Order, add_signature
from tasks.signing.sign import Request, sign_minutes
from tasks.signing.signer import Chosen
from tasks.store import open_store

ROLES = tuple(level.role for level in CHAIN)


@dataclass
class Table:
    """``paper``: the unsigned Berita Acara; ``now``: the table's clock, a minute later after every signature."""

    batch: Batch
    paper: bytes
    expected: Expected
    boxes: dict[str, Box]
    now: datetime

    @property
    def office(self) -> Office:
        return self.batch.office

    @property
    def people(self) -> dict[str, Certified]:
        """Everybody's certificate."""
        return officials()

    def who(self, role: str) -> Signatory:
        return self.expected.signatories[ROLES.index(role)]

    def rules(self, **changes: Any) -> Rules:
        return Rules(**{"roots": (x509.Certificate.load(authority().root.der),), "boxes": self.boxes} | changes)

    def check(self, pdf: bytes, **changes: Any) -> list[str]:
        """Everything wrong with a PDF, an hour later."""
        return check_signatures(pdf, self.expected, self.rules(**changes), self.now + timedelta(hours=1))

    def add(self, pdf: bytes, role: str, certified: Certified | None = None, **changes: Any) -> bytes:
        """A signature made past all of the office's checks, with any certificate and any words."""
        self.now += timedelta(minutes=1)
        order = {"expected": self.expected, "who": self.who(role), "boxes": self.boxes, "now": self.now} | changes
        return add_signature(pdf, Order(**order), key_of(certified or self.people[role]))

    def all_three(self, **certified: Certified) -> bytes:
        """The paper with three signatures, some by another certificate."""
        pdf = self.paper
        for role in ROLES:
            pdf = self.add(pdf, role, certified.get(role))
        return pdf

    def file(self, role: str, certified: Certified | None = None) -> Path:
        """A PKCS#12 file on the official's stick."""
        path = self.office.home / "scratch" / f"{role}.p12"
        path.write_bytes((certified or self.people[role.lower()]).p12())
        return path

    def sign(self, role: str, chosen: Chosen | None = None, *typed: str) -> Path:
        """The official signs as `sinkron sign` does; ``typed``: what is answered, the right passphrase by itself."""
        self.now += timedelta(minutes=1)
        answers = iter(typed or (PASSPHRASE,))
        request = Request(
            self.batch.agenda, role, chosen or Chosen(self.file(role)), lambda _: next(answers), self.now
        )  # fmt: skip
        with open_ledger(self.office) as ledger, open_store(self.office) as con:
            return sign_minutes(con, ledger, self.office, request)


def lay(batch: Batch, settings: str = "") -> Table:
    """Signs, writes and issues the batch's Berita Acara; the office trusts the tests' authority."""
    trust(batch.office, authority(), settings)
    batch.sign()
    with open_store(batch.office) as con:
        write(Opened(batch, con))
        with open_ledger(batch.office) as ledger:
            paper = minutes(con, ledger, batch.office, batch.agenda)[0]
            issue(batch.office, ledger, (batch.agenda, batch.desk.clock), paper)
            boxes = signature_boxes(con, ledger, batch.office, batch.agenda)
            return Table(batch, paper.content, expected_of(ledger, batch.agenda), boxes, batch.desk.clock)


def trust(office: Office, root: Authority, settings: str = "") -> None:
    """Writes the root's certificate and [tanda_tangan] into the office."""
    (office.home / "akar.pem").write_bytes(root.root.pem)
    office.settings_file.write_text(f'[tanda_tangan]\nakar = "akar.pem"\n{settings}')


def copy_of(table: Table, home: Path) -> Table:
    """Another office where the same batch was written, for one test to write to."""
    return replace(table, batch=copy_of_batch(table.batch, home))


@cache
def officials() -> dict[str, Certified]:
    """The certificates of the three officials."""
    return {role: authority().certify(NIP[role], f"UJI {role.title()}") for role in ROLES}


def key_of(certified: Certified) -> Any:
    """A certificate as pyHanko's signer."""
    key = SimpleSigner.load_pkcs12_data(certified.p12(), [], PASSPHRASE.encode())
    key.embed_roots = False
    return key


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
