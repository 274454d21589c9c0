"""The one part of a signed file that no signature covers: the container of the last signature itself.

Its bytes could be altered (letters of the hex digits, the padding behind the DER, certificates beside the signer's)
while the signature still verifies, so that one paper had many "valid" files. Only the one plain form is accepted.
"""

import re
from collections.abc import Iterable
from typing import Any

HEXADECIMAL = re.compile(rb"<([0-9a-f]+|[0-9A-F]+)>")
ALGORITHM = "sha256"


def container_faults(signature: Any, proven: Iterable[Any]) -> list[str]:
    """What is odd in the container of the last signature (an EmbeddedPdfSignature of pyHanko).

    ``proven``: certificates of its path and the roots; no others may lie in it.
    """
    stream = signature.reader.stream
    _, length, start, _ = (int(number) for number in signature.byte_range)
    stream.seek(length)
    written = HEXADECIMAL.fullmatch(stream.read(start - length))
    plain = written is not None and _is_plain(
        bytes.fromhex(written[1].decode()), signature, {one.dump() for one in proven}
    )
    return [] if plain else ["wadah tanda tangan terakhir diubah"]


def _is_plain(contents: bytes, signature: Any, proven: set[bytes]) -> bool:
    """Padding of zeros, strict DER that encodes back to itself, one signer, known facts where nothing is signed."""
    from asn1crypto import cms, core

    length = len(core.Sequence.load(contents).dump())
    if any(contents[length:]):
        return False
    whole = cms.ContentInfo.load(contents[:length], strict=True)
    _ = whole.native  # parses every part
    if whole.dump(force=True) != contents[:length]:
        return False
    data = whole["content"]
    signer = data["signer_infos"][0]
    certificates = [one.chosen.dump() for one in data["certificates"]]
    facts = (
        whole["content_type"].native == "signed_data",
        data["version"].native == "v1",
        [one["algorithm"].native for one in data["digest_algorithms"]] == [ALGORITHM],
        signer["digest_algorithm"]["algorithm"].native == ALGORITHM,
        data["encap_content_info"]["content_type"].native == "data",
        signer["version"].native == "v1",
        len(data["signer_infos"]) == 1,
        # Names match whatever their case: "CA uji" would do for "CA UJI".
        signer["sid"].name == "issuer_and_serial_number",
        signer["sid"].chosen["issuer"].dump() == signature.signer_cert.issuer.dump(),
        len(set(certificates)) == len(certificates),
        set(certificates) <= proven,
        signature.signer_cert.dump() in certificates,
    )
    return all(facts)
