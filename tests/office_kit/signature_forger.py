"""What a forger with tools of his own does to signed PDFs: no function here goes through the office's code."""

import io
from datetime import datetime
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

name = generic.NameObject


def with_fields(pdf: bytes, *fields: str) -> bytes:
    """Empty signature fields, each in a corner of the first page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    for number, field in enumerate(fields):
        append_signature_field(writer, SigFieldSpec(field, box=(10 + 60 * number, 10, 60 + 60 * number, 30)))
    return written(writer)


def signed(pdf: bytes, field: str, key: Any, words: tuple[str, datetime], *, certify: bool = False) -> bytes:
    """A signature in any field, new or there, with any reason and time; ``certify`` locks the paper."""
    reason, now = words

    class AtThatTime(PdfSigner):
        def init_signing_session(self, *args: Any, **named: Any) -> Any:
            session = super().init_signing_session(*args, **named)
            session.system_time = now
            return session

    meta = PdfSignatureMetadata(
        field_name=field, md_algorithm="sha256", reason=reason, certify=certify, docmdp_permissions=MDPPerm.FILL_FORMS
    )  # fmt: skip
    out = io.BytesIO()
    AtThatTime(meta, key).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
    return out.getvalue()


def page_replaced(pdf: bytes) -> bytes:
    """An incremental update that shows another text on the first page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page_ref, _ = writer.find_page_for_modification(0)
    page = page_ref.get_object()
    page[name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=b"BT ET 0 0 500 500 re f"))
    writer.update_container(page)
    return written(writer)


def note_added(pdf: bytes) -> bytes:
    """A sticky note on the first page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.find_page_for_modification(0)[0].get_object()
    note = generic.DictionaryObject(
        {
            name("/Type"): name("/Annot"), name("/Subtype"): name("/FreeText"),
            name("/Contents"): generic.TextStringObject("disetujui"),
            name("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (10, 10, 200, 200)]),
        }
    )  # fmt: skip
    notes = page.get("/Annots", generic.ArrayObject())
    page[name("/Annots")] = generic.ArrayObject(
        [*(notes.raw_get(n) for n in range(len(notes))), writer.add_object(note)]
    )
    writer.update_container(page)
    return written(writer)


def script_added(pdf: bytes) -> bytes:
    """A catalog that runs something when the file is opened."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    action = {name("/S"): name("/JavaScript"), name("/JS"): generic.TextStringObject("app.alert(1)")}
    writer.root[name("/OpenAction")] = writer.add_object(generic.DictionaryObject(action))
    writer.update_root()
    return written(writer)


def saved_again(pdf: bytes) -> bytes:
    """The same pages in a file of one revision."""
    return written(copy_into_new_writer(PdfFileReader(io.BytesIO(pdf))))


def stripped(pdf: bytes) -> bytes:
    """The same without its form."""
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(pdf)))
    del writer.root["/AcroForm"]
    return written(writer)


def another_paper_behind(pdf: bytes) -> bytes:
    """The office's bytes first, and after them a whole other document that a reader shows instead."""
    body, places = bytearray(pdf), []
    objects = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>")  # fmt: skip
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(body)
    body += b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    body += b"trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(body)


def cut_back(pdf: bytes, signatures: int) -> bytes:
    """The file as it was after so many signatures."""
    reader = PdfFileReader(io.BytesIO(pdf))
    _, _, start, length = reader.embedded_signatures[signatures - 1].byte_range
    return pdf[: start + length]


def flipped(pdf: bytes, at: int, bit: int) -> bytes:
    """One bit is another."""
    changed = bytearray(pdf)
    changed[at] ^= 1 << bit
    return bytes(changed)


def container_of(pdf: bytes) -> tuple[int, int]:
    """Where the last signature lies in the file, which no signature covers: first byte, and the byte after."""
    _, length, start, _ = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[-1].byte_range
    return int(length), int(start)


def written(writer: PdfFileWriter | IncrementalPdfFileWriter) -> bytes:
    """The file of a writer."""
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
