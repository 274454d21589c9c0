"""A PAdES signature (baseline B-B, ETSI EN 319 142-1) added to a PDF by pyHanko, as one more incremental update.

The fields of all three officials are made with the first signature, which certifies the paper with "form filling
alone" (DocMDP level 2): afterwards nothing but the other two fields may be filled. Document metadata stay as Typst
wrote them, so that XMP and Info still agree and PDF/A's mark is untouched.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from expectations.approvals import CHAIN
from tasks.signing.appearance import drawn, stamp
from tasks.signing.order import FIELDS, Expected, Signatory

if TYPE_CHECKING:
    from tasks.documents.minutes import Box


@dataclass(frozen=True)
class Order:
    """One signature to be made. ``boxes``: role -> place of its field; ``now``: the signing time (aware)."""

    expected: Expected
    who: Signatory
    boxes: Mapping[str, "Box"]
    now: datetime

    @property
    def reason(self) -> str:
        """What the signature says."""
        return self.expected.reason(self.who)


def add_signature(pdf: bytes, order: Order, key: Any) -> bytes:
    """``pdf`` with one more signature; ``key``: a signer of pyHanko. The bytes of ``pdf`` stay as they are."""
    from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter, append_signature_field
    from pyhanko.sign.signers import PdfSignatureMetadata

    writer = _writer(pdf)
    first = order.who.role == CHAIN[0].role
    if first:
        for role, field in FIELDS.items():
            box = order.boxes[role]
            place: Any = (box.left, box.bottom, box.right, box.top)
            append_signature_field(writer, SigFieldSpec(field, on_page=box.page, box=place))
    metadata = PdfSignatureMetadata(
        field_name=order.who.field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, reason=order.reason,
        name=order.who.name, certify=first, docmdp_permissions=MDPPerm.FILL_FORMS,
    )  # fmt: skip
    look = stamp(drawn(order.who, _size(writer, order.who.field), order.now))
    signed = io.BytesIO()
    _signer(metadata, key, look, order.now).sign_pdf(writer, existing_fields_only=True, output=signed)
    return signed.getvalue()


def _size(writer: Any, field: str) -> tuple[float, float]:
    """Width and height of a field that is there, in points."""
    from pyhanko.sign.fields import enumerate_sig_fields

    found = next(ref.get_object() for name, _, ref in enumerate_sig_fields(writer) if name == field)
    left, bottom, right, top = (float(edge) for edge in found["/Rect"])
    return right - left, top - bottom


def _writer(pdf: bytes) -> Any:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Writer(IncrementalPdfFileWriter):
        output_version = (1, 7)  # PDF/A-2 is PDF 1.7; pyHanko would mark the catalog 2.0

        def _update_meta(self) -> None:
            """Metadata are the paper's own: not the time of this machine, not another producer."""

    return Writer(io.BytesIO(pdf))


def _signer(metadata: Any, key: Any, look: Any, now: datetime) -> Any:
    from pyhanko.sign.signers import PdfSigner

    class Signer(PdfSigner):
        def init_signing_session(self, *args: Any, **named: Any) -> Any:
            """Signs at the caller's time, which pyHanko would read from the clock itself."""
            session = super().init_signing_session(*args, **named)
            session.system_time = now
            return session

    return Signer(metadata, key, stamp_style=look)
