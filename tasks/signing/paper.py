"""The paper below the signatures: the Berita Acara that the office issued, byte for byte, with fields alone added.

A signature says that nothing changed after it. What its own revision changed it does not judge: somebody could sign an
update that shows another text. So the first signed revision is compared with the issued paper here.
"""

import hashlib
import io
import re
from collections.abc import Iterator
from typing import Any

END = re.compile(rb"%%EOF(?:\r\n|\r|\n)?")
CATALOG_MAY_GAIN = frozenset({"/AcroForm", "/Perms", "/Extensions", "/Version", "/Metadata"})
FORM_MAY_HOLD = frozenset({"/Fields", "/SigFlags", "/DR", "/DA"})


def paper_faults(reader: Any, pdf: bytes, papers: frozenset[str]) -> list[str]:
    """What is wrong with the paper and the first signed revision.

    ``papers``: SHA-256 of what the office issued. Raises whatever pyHanko raises on a broken file.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader

    length = next((end for end in _ends(pdf) if hashlib.sha256(pdf[:end]).hexdigest() in papers), None)
    if length is None:
        return ["surat di bawah tanda tangan bukan Berita Acara agenda ini yang dikeluarkan kantor"]
    issued = PdfFileReader(io.BytesIO(pdf[:length]))
    if reader.xrefs.get_startxref_for_revision(0) != issued.last_startxref:
        return ["berkas menampilkan surat lain daripada yang dikeluarkan kantor"]
    first = min((signature.signed_revision for signature in reader.embedded_signatures), default=0)
    if not all(_only_fields_added(reader, revision) for revision in range(1, first + 1)):
        return ["isi surat diubah sebelum tanda tangan pertama"]
    return []


def _ends(pdf: bytes) -> Iterator[int]:
    """Where revisions may end: after each %%EOF, with and without its line feed."""
    for found in END.finditer(pdf):
        yield found.start() + len(b"%%EOF")
        yield found.end()


def _only_fields_added(reader: Any, revision: int) -> bool:
    """A revision changes the catalog and pages alone, and there nothing but fields; metadata may be newer."""
    old, new = reader.get_historical_resolver(0), reader.get_historical_resolver(revision)
    pages = set(pages_of(old))
    may_change = {old.root_ref, *pages, *_metadata(old)}
    # An object of the issued paper is free to be changed only here; numbers it never used are new objects.
    changed = {ref for ref in reader.xrefs.explicit_refs_in_revision(revision) if not old.is_ref_unassignable(ref)}
    freed = reader.xrefs.refs_freed_in_revision(revision)
    if freed or not changed <= may_change or list(pages_of(new)) != list(pages_of(old)):
        return False
    if not _same(old.root, new.root, CATALOG_MAY_GAIN) or not set(held(new.root, "/AcroForm")) <= FORM_MAY_HOLD:
        return False
    return all(
        _same(old.get_object(ref), new.get_object(ref), frozenset({"/Annots"}))
        and _widgets(old.get_object(ref), new.get_object(ref))
        for ref in pages
    )


def pages_of(resolver: Any) -> Iterator[Any]:
    """References of the pages in reading order, of a reader or of one revision."""
    waiting = [resolver.root.get_value_as_reference("/Pages")]
    while waiting:
        ref = waiting.pop(0)
        node = resolver.get_object(ref)
        if "/Kids" in node:
            waiting[:0] = [node["/Kids"].raw_get(at).reference for at in range(len(node["/Kids"]))]
        else:
            yield ref


def held(node: Any, key: str) -> Any:
    """What a dictionary holds, references followed (pyHanko's own ``get`` does not), () when nothing."""
    try:
        return node[key]
    except KeyError:
        return ()


def _metadata(resolver: Any) -> set[Any]:
    found = (resolver.root.get_value_as_reference("/Metadata", optional=True),
             resolver.trailer_view.get_value_as_reference("/Info", optional=True))  # fmt: skip
    return {ref for ref in found if ref is not None}


def _same(old: Any, new: Any, but: frozenset[str]) -> bool:
    """Whether two dictionaries hold the same direct values and references, some keys aside."""
    keys = (set(old) | set(new)) - but
    return all(key in old and key in new and old.raw_get(key) == new.raw_get(key) for key in keys)


def _widgets(old: Any, new: Any) -> bool:
    """A page keeps its annotations; new ones are signature fields."""
    before, after = [list(held(page, "/Annots")) for page in (old, new)]
    added = [item for item in after if item not in before]
    kept = all(item in after for item in before)
    return kept and all(item.get_object().get("/FT") == "/Sig" for item in added)
