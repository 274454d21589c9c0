"""Who adds a signature to the Berita Acara: nobody (ink), a key in a PKCS#12 file or on a PKCS#11 token, or BSrE.

Without a certificate the paper is signed with ink and its electronic approval is an uncertified one (PP 71/2019
ps 60): the ledger's decisions. Passphrases and PINs are asked for when they are needed, kept in no file, no setting
and no exception.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tasks.errors import Exit, Problem, UserError
from tasks.office_settings import Signature
from tasks.signing.order import Signatory

if TYPE_CHECKING:
    from tasks.office import Office
    from tasks.signing.pades import Order

Ask = Callable[[str], str]  # shows a prompt, returns what was typed unseen


class Signer(Protocol):
    """Adds one signature."""

    @property
    def by_server(self) -> bool:
        """Whether a server names and places the fields."""
        ...

    def sign(self, pdf: bytes, order: "Order") -> bytes:
        """``pdf`` and after it, as an incremental update, the signature. Raises UserError."""
        ...


@dataclass(frozen=True)
class Chosen:
    """What the command line says: ``p12``: a PKCS#12 file, ``token``: a token's label; neither: kantor.toml decides."""

    p12: Path | None = None
    token: str = ""


@dataclass(frozen=True)
class Ink:
    """No electronic signature: the paper is printed and signed by hand."""

    by_server: bool = False

    def sign(self, pdf: bytes, order: "Order") -> bytes:
        """Refuses: UserError (USAGE)."""
        _ = pdf, order
        allowed = "p12, pkcs11 atau bsre; tanpa sertifikat: cetak Berita Acara dan tanda tangani dengan tinta"
        step = "isi [tanda_tangan] dalam kantor.toml, atau --p12; lihat docs/operator.md"
        raise UserError(Exit.USAGE, Problem("tanda_tangan.cara", "tinta", allowed, step))


def kind_of(office: "Office", chosen: Chosen) -> Signature:
    """How this office signs now."""
    if chosen.p12:
        return Signature.PKCS12
    return Signature.PKCS11 if chosen.token else office.settings.tanda_tangan.cara


def signer_for(office: "Office", chosen: Chosen, ask: Ask) -> Signer:
    """The office's signer. Raises UserError (USAGE or OFFICE) when a setting for it is missing."""
    from tasks.signing.bsre import LOGIN, BsreSigner
    from tasks.signing.keys import FileSigner, TokenSigner

    kind, settings = kind_of(office, chosen), office.settings.tanda_tangan
    if kind is Signature.PKCS12:
        if chosen.p12 is None:
            raise UserError(Exit.USAGE, Problem("--p12", "tidak diisi", "berkas PKCS#12 pejabat", "isi --p12 BERKAS"))
        return FileSigner(chosen.p12, ask)
    if kind is Signature.PKCS11:
        return TokenSigner(settings.modul, chosen.token or settings.token, ask)
    return BsreSigner(settings.alamat, office.key_file.with_name(LOGIN), ask) if kind is Signature.BSRE else Ink()


def must_be_of(certificate: Any, who: Signatory) -> None:
    """A certificate (asn1crypto) is that of the official whom the ledger names. Raises UserError (IDENTITY)."""
    if certificate.subject.native.get("serial_number") != who.nip:
        received = "serialNumber sertifikat bukan NIP orang itu"
        allowed = f"sertifikat {who.title} yang menurut Buku Agenda memutuskan agenda ini"
        raise UserError(Exit.IDENTITY, Problem("sertifikat", received, allowed, "pakai sertifikat orang itu"))
