"""What a signature shows on the page: who, as what, when. Drawn by Typst, so that its fonts are embedded (PDF/A)."""

import io
from datetime import datetime
from typing import Any

from tasks.documents.render import render
from tasks.documents.words import long_date
from tasks.office import WIB
from tasks.signing.order import Signatory

TEMPLATE = "cap-tanda-tangan"
ACTS = {"paraf": "Diparaf secara elektronik", "tanda tangan": "Ditandatangani secara elektronik"}


def drawn(who: Signatory, size: tuple[float, float], now: datetime) -> bytes:
    """One PDF page of ``size`` (width, height in points): name, post (with letter of a Plh or Plt), NIP, time."""
    local = now.astimezone(WIB)
    facts = {
        "width": size[0], "height": size[1], "act": ACTS[who.meaning], "name": who.name,
        "post": who.title + (f" (surat {who.letter})" if who.letter else ""), "nip": who.nip,
        "time": f"{long_date(local.date())} {local:%H.%M} WIB",
    }  # fmt: skip
    return render(TEMPLATE, facts, now)


def stamp(page: bytes) -> Any:
    """That page as pyHanko's stamp style."""
    from pyhanko.pdf_utils.content import PdfContent
    from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, Margins, SimpleBoxLayoutRule
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.stamp import StaticStampStyle

    class Page(PdfContent):  # its own class for pages wants a file on disk
        def render(self) -> bytes:
            drawn_page = self._ensure_writer.import_page_as_xobject(PdfFileReader(io.BytesIO(page)))
            self.resources.xobject["/Cap"] = drawn_page
            left, bottom, right, top = drawn_page.get_object()["/BBox"]
            self.box = BoxConstraints(width=right - left, height=top - bottom)
            return b"/Cap Do"

    whole = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID, margins=Margins(0, 0, 0, 0))
    return StaticStampStyle(border_width=0, background=Page(), background_layout=whole)
