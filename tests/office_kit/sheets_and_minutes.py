"""A batch on its way through the gates with its papers: the lembar verifikasi before them, the Berita Acara after."""

import re
from datetime import timedelta

from office_kit.pdf_text import text_of
from office_kit.signers import NIP
from office_kit.small import RESIDENTS, ROWS, Batch, Opened
from office_kit.writing import write
from tasks.approvals.case import Case
from tasks.approvals.docket import DRAFT, FINAL, record_proposal
from tasks.documents.issue import Document
from tasks.documents.minutes import minutes
from tasks.documents.verification_sheet import verification_sheet
from tasks.ledger import Entry, Kind, entries, open_ledger

PERSONAL = ("NIK", "NO_KK", "NAMA_LGKP", "ALAMAT", "TGL_LHR", "NAMA_LGKP_IBU", "NAMA_LGKP_AYAH")
SECRETS = {str(row[name]).replace(" ", "") for row in (*RESIDENTS, *ROWS) for name in PERSONAL if row.get(name)}
CELLS = re.compile(r"(\d+) 35\d{4}\*{6}\d{4} ")
MARK = b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"


def lay(batch: Batch, round_no: int = 1, digest: str = "") -> None:
    """As the flow does it: the draft lies before Staff, who hands it in after 193 minutes, then before the chain."""
    desk = batch.desk
    desk.case = (batch.agenda, round_no, digest or batch.digest)
    facts = {key: batch.done["propose"][key] for key in ("rows", "changes")} | {"staff": True}
    for step in (DRAFT, FINAL):
        with open_ledger(batch.office) as ledger:
            record_proposal(ledger, Case(*desk.case), (step, facts), desk.clock)
        if step == DRAFT:
            desk.clock += timedelta(minutes=193)
            assert desk.say("staff", "Ajukan", lay=False, note="dua baris menunggu akta").accepted


def sheet(opened: Opened, agenda: str = "", round_no: int = 1) -> Document:
    """The lembar verifikasi of one round."""
    with open_ledger(opened.batch.office) as ledger:
        about = (agenda or opened.batch.agenda, round_no)
        return verification_sheet(opened.con, ledger, opened.batch.office, about)


def written_minutes(opened: Opened, agenda: str = "") -> list[Document]:
    """The Berita Acara, and its annex when it has one."""
    with open_ledger(opened.batch.office) as ledger:
        return minutes(opened.con, ledger, opened.batch.office, agenda or opened.batch.agenda)


def finish(opened: Opened) -> Opened:
    """Laid, signed by everybody, written."""
    lay(opened.batch)
    opened.batch.desk.sign("kasi", "kabid", "kadis")
    write(opened)
    return opened


def shows_somebody(document: Document) -> list[str]:
    """What of a resident a masked paper shows. An official's NIP is no secret."""
    text = text_of(document.content).replace(" ", "")
    for nip in NIP.values():
        text = text.replace(nip, "")
    return [secret for secret in SECRETS if secret in text] + re.findall(r"(?<![0-9a-f])[0-9]{16}(?![0-9a-f])", text)


def says(text: str, *wanted: str) -> None:
    """Asserts that words stand in a text without blanks."""
    for words in wanted:
        assert words.replace(" ", "") in text, words


def written(opened: Opened, kind: Kind = Kind.WRITTEN) -> Entry:
    """The ledger's entry of the writing, or of its undoing."""
    with open_ledger(opened.batch.office) as ledger:
        return entries(ledger, kind=kind)[0]
