"""Keys in the official's own hands: a PKCS#12 file, or a token behind a PKCS#11 library (smart card, HSM, SoftHSM)."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.errors import Exit, Problem, UserError
from tasks.signing.pades import Order, add_signature
from tasks.signing.signer import must_be_of

if TYPE_CHECKING:
    from tasks.signing.signer import Ask


@dataclass(frozen=True)
class FileSigner:
    """A certificate and its key in a PKCS#12 file, opened with the passphrase that ``ask`` returns."""

    path: Path
    ask: "Ask"
    by_server: bool = False

    def sign(self, pdf: bytes, order: Order) -> bytes:
        """Raises UserError: USAGE without the file, IDENTITY for a wrong passphrase or another person's certificate."""
        if not self.path.is_file():
            allowed = "berkas PKCS#12 (.p12, .pfx)"
            raise UserError(Exit.USAGE, Problem("--p12", "berkas tidak ditemukan", allowed, "periksa nama berkas"))
        key = self._opened()
        must_be_of(key.signing_cert, order.who)
        return add_signature(pdf, order, key)

    def _opened(self) -> Any:
        from pyhanko.sign.signers import SimpleSigner

        try:
            content = self.path.read_bytes()
            key = SimpleSigner.load_pkcs12_data(content, [], self.ask("Frasa sandi berkas .p12: ").encode() or None)
        except (OSError, ValueError, TypeError, AttributeError):
            received = "tidak terbuka: bukan PKCS#12 dengan kunci dan sertifikat, atau frasa sandi salah"
            allowed, step = "berkas .p12 pejabat dan frasa sandinya", "ulangi dengan frasa sandi yang benar"
            raise UserError(Exit.IDENTITY, Problem("--p12", received, allowed, step)) from None
        key.embed_roots = False  # whoever checks trusts roots of his own
        return key


@dataclass(frozen=True)
class TokenSigner:
    """The key never leaves the token. Its certificate is found by the official's NIP, its key by the same CKA_ID."""

    library: str
    token: str
    ask: "Ask"
    by_server: bool = False

    def sign(self, pdf: bytes, order: Order) -> bytes:
        """Raises UserError: OFFICE without library or token, IDENTITY for a wrong PIN or without that certificate."""
        import pkcs11

        if not (self.library and self.token):
            received = "modul atau token tidak diisi"
            allowed = "jalur pustaka PKCS#11 (modul) dan label token"
            step = "isi [tanda_tangan] dalam kantor.toml"
            raise UserError(Exit.OFFICE, Problem("tanda_tangan", received, allowed, step))
        try:
            token = pkcs11.lib(self.library).get_token(token_label=self.token)
            with token.open(user_pin=self.ask("PIN token: ")) as session:
                return add_signature(pdf, order, self._key(session, order))
        except (pkcs11.PKCS11Error, OSError, RuntimeError) as error:
            raise UserError(Exit.OFFICE, _problem(error)) from None

    def _key(self, session: Any, order: Order) -> Any:
        from asn1crypto.x509 import Certificate
        from pkcs11 import Attribute, ObjectClass
        from pyhanko.sign.pkcs11 import PKCS11Signer

        stored = list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}))
        certificates = [(one[Attribute.ID], Certificate.load(one[Attribute.VALUE])) for one in stored]
        mine = [pair for pair in certificates if pair[1].subject.native.get("serial_number") == order.who.nip]
        newest = max(mine or certificates, key=lambda pair: pair[1].not_valid_after, default=None)
        if newest is None:
            allowed, step = "token dengan sertifikat pejabat", "pakai token orang itu"
            raise UserError(Exit.IDENTITY, Problem("token", "tanpa sertifikat", allowed, step))
        must_be_of(newest[1], order.who)
        return PKCS11Signer(session, cert_id=newest[0], key_id=newest[0], embed_roots=False)


def _problem(error: Exception) -> Problem:
    """What the token answers, without PIN or label."""
    import pkcs11

    allowed, step = "token yang terpasang, dan PIN-nya", "periksa token dan kantor.toml, lalu ulangi"
    told: dict[type[Exception], str] = {
        pkcs11.PinIncorrect: "PIN salah", pkcs11.PinLocked: "PIN terkunci", pkcs11.NoSuchToken: "token tidak ada",
        pkcs11.MultipleTokensReturned: "lebih dari satu token dengan label itu",
    }  # fmt: skip
    return Problem("token PKCS#11", told.get(type(error), f"menolak ({type(error).__name__})"), allowed, step)
