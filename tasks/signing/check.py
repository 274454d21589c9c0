"""Whether a signed Berita Acara is what the ledger says: this paper, change-set and officials, in order, unchanged.

pyHanko judges each signature (ETSI EN 319 102-1 basic validation: digest, certificate path, changes after it). That
alone is not enough: a file cut back to two signatures verifies, and so does a paper that three right people signed
for another batch. So fields, order, NIP, reason, places, times and the unsigned paper itself are held against the
ledger here. Not checked: revocation of certificates (CRL, OCSP), which needs the internet.
"""

import io
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.approvals import CHAIN
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import CLOCK_TOLERANCE
from tasks.signing.container import container_faults
from tasks.signing.order import Expected, Signatory
from tasks.signing.paper import held, pages_of, paper_faults

if TYPE_CHECKING:
    from tasks.documents.minutes import Box


WIDEST, HIGHEST = 220.0, 110.0  # points: a field whose box is no longer known


@dataclass(frozen=True)
class Rules:
    """What is accepted. ``boxes``: role -> place of its field, nothing when it is not known.

    ``roots``: certificates that every official's must lead to (asn1crypto).

    ``by_server``: BSrE signed: its server names the fields itself (``sig_...``), certifies nothing, shows nothing on
    the page and may add validation data. ``levels``: signatures that must be there (fewer while signing goes on).
    """

    roots: tuple[Any, ...]
    boxes: Mapping[str, "Box"]
    by_server: bool = False
    levels: int = len(CHAIN)


def roots_of(path: Path) -> tuple[Any, ...]:
    """The trusted certificates of a PEM file. Raises UserError (OFFICE) when there is none in it."""
    from asn1crypto.pem import unarmor
    from asn1crypto.x509 import Certificate

    try:
        found = [Certificate.load(der) for _, _, der in unarmor(path.read_bytes(), multiple=True)]
        _ = [certificate.subject.native for certificate in found]
    except (OSError, ValueError, TypeError):
        found = []
    if not found:
        allowed = "berkas PEM dengan sertifikat induk penerbit (CA)"
        problem = Problem("tanda_tangan.akar", "kosong, atau bukan sertifikat", allowed, "lihat docs/operator.md")
        raise UserError(Exit.OFFICE, problem)
    return tuple(found)


def check_signatures(pdf: bytes, expected: Expected, rules: Rules, now: datetime) -> list[str]:
    """Everything that is not as it must be, in Indonesian and without residents' data; nothing found: it is right."""
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # it logs every damaged file with a traceback
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    try:
        return _checked(pdf, expected, rules, now)
    except Exception:  # noqa: BLE001 (a damaged or hostile file may raise anything in the parser: it is not a good one)
        return ["berkas atau tanda tangan di dalamnya rusak: tidak terbaca utuh"]


def _checked(pdf: bytes, expected: Expected, rules: Rules, now: datetime) -> list[str]:
    from pyhanko.pdf_utils.reader import PdfFileReader

    reader = PdfFileReader(io.BytesIO(pdf))
    signatures = list(reader.embedded_signatures)
    found = [*paper_faults(reader, pdf, expected.papers), *_field_faults(reader, signatures, rules)]
    if len(signatures) != rules.levels:
        return [*found, *_count_faults(signatures, rules)]
    for who, signature in zip(expected.signatories, signatures, strict=False):
        faults = _faults(signature, (expected, who), rules, last=signature is signatures[-1])
        found += [f"{who.field}: {text}" for text in faults]
    return [*found, *_time_faults(signatures, expected, now)]


def _count_faults(signatures: Sequence[Any], rules: Rules) -> list[str]:
    if not signatures:
        return ["tidak ada tanda tangan elektronik"]
    return [f"{len(signatures)} tanda tangan elektronik, seharusnya {rules.levels}"]


def _field_faults(reader: Any, signatures: Sequence[Any], rules: Rules) -> list[str]:
    """Names and order of the signed fields, where they lie, and no revision that is not a signature."""
    if rules.by_server:
        return []
    found = []
    fields = [level.role.upper() for level in CHAIN]
    names = [signature.field_name for signature in signatures]
    if names != fields[: rules.levels]:
        found.append(f"field yang ditandatangani bukan {', '.join(fields[: rules.levels])} berurutan")
    if reader.xrefs.total_revisions != 1 + len(signatures):
        found.append("ada perubahan berkas di luar tanda tangan")
    places = [(one, rules.boxes.get(str(one.field_name).lower())) for one in signatures]
    moved = [number for number, (one, box) in enumerate(places, 1) if not _lies_in(reader, one, box)]
    return [*found, *(f"tanda tangan ke-{number}: tidak di kotaknya pada halaman" for number in moved)]


def _lies_in(reader: Any, signature: Any, box: "Box | None") -> bool:
    """A field larger than its box could hide or rewrite the text beside it."""
    place = [float(edge) for edge in signature.sig_field["/Rect"]]
    if box is None:
        return place[2] - place[0] <= WIDEST and place[3] - place[1] <= HIGHEST
    edges = (box.left, box.bottom, box.right, box.top)
    page = reader.get_object(list(pages_of(reader))[box.page])
    notes = held(page, "/Annots")
    shown = [notes.raw_get(at).reference for at in range(len(notes))]
    return signature.sig_field.container_ref in shown and all(
        abs(one - other) < 1 for one, other in zip(place, edges, strict=True)
    )


def _faults(signature: Any, said: tuple[Expected, Signatory], rules: Rules, *, last: bool) -> list[str]:
    from pyhanko.sign.fields import MDPPerm

    expected, who = said
    found = _certificate_faults(signature, who)
    if str(signature.sig_object.get("/Reason", "")) != expected.reason(who):
        found.append("alasan (reason) bukan agenda, digest dan makna yang dicatat Buku Agenda")
    if not rules.by_server and who.role == CHAIN[0].role and signature.docmdp_level is not MDPPerm.FILL_FORMS:
        found.append("tidak mengunci isi surat (certification, form filling)")
    return [*found, *_integrity_faults(signature, rules, last=last)]


def _certificate_faults(signature: Any, who: Signatory) -> list[str]:
    certificate, at = signature.signer_cert, signature.self_reported_timestamp
    found = []
    if certificate.subject.native.get("serial_number") != who.nip:
        found.append("sertifikat bukan milik NIP yang menurut Buku Agenda memutuskan di jenjang ini")
    if at is None or not certificate.not_valid_before <= at <= certificate.not_valid_after:
        found.append("sertifikat tidak berlaku pada saat ditandatangani")
    return found


def _integrity_faults(signature: Any, rules: Rules, *, last: bool) -> list[str]:
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    at = signature.self_reported_timestamp
    context = ValidationContext(trust_roots=list(rules.roots), moment=at, allow_fetching=False)
    status = validate_pdf_signature(signature, context)
    found = []
    if not (status.intact and status.valid):
        found.append("isi yang ditandatangani berubah, atau tanda tangan palsu")
    if not status.trusted:
        found.append("sertifikat tidak diterbitkan oleh penerbit yang dipercaya kantor, atau bukan untuk tanda tangan")
    if not status.docmdp_ok:
        found.append("berkas berubah sesudah tanda tangan ini")
    if status.timestamp_validity is not None and not (status.timestamp_validity.intact and
                                                      status.timestamp_validity.valid):  # fmt: skip
        found.append("cap waktu (TSA) rusak")
    whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    updated = rules.by_server and signature.reader.xrefs.total_revisions > signature.signed_revision + 1
    if last and not whole and not updated:
        found.append("ada isi sesudah tanda tangan terakhir")
    if last and status.trusted and not rules.by_server:
        found += container_faults(signature, [*(status.validation_path or ()), *rules.roots])
    return found


def _time_faults(signatures: Sequence[Any], expected: Expected, now: datetime) -> list[str]:
    """Signed after the writing, one after another, and not in the future. The times are the signers' own words."""
    times = [signature.self_reported_timestamp for signature in signatures]
    if any(at is None or at.tzinfo is None for at in times):
        return ["tanda tangan tanpa waktu"]
    early = expected.written_at - CLOCK_TOLERANCE
    if (
        times[0] < early
        or any(second < first for first, second in pairwise(times))
        or times[-1] > now + CLOCK_TOLERANCE
    ):
        return ["waktu tanda tangan tidak berurutan, sebelum data ditulis, atau di depan jam kantor"]
    return []
