"""An unmasked pack travels encrypted with age (https://age-encryption.org/v1) to named recipients, and only so."""

from collections.abc import Sequence

from tasks.errors import Exit, Problem, UserError

SUFFIX = ".age"
_SECRET = "AGE-SECRET-KEY-"  # noqa: S105 (how a line of a key file begins)


def check_recipients(recipients: Sequence[str]) -> None:
    """Raises UserError (USAGE) with all that are no age recipients, or when there are none."""
    from pyrage import RecipientError, x25519

    allowed, wrong = "kunci umum age1... penerima", list[Problem]()
    if not recipients:
        step = "isi penerima di kantor.toml, atau --untuk AGE1..."
        wrong.append(Problem("penerima paket terbuka", "tidak ada", allowed, step))
    for number, one in enumerate(recipients, 1):
        try:
            x25519.Recipient.from_str(one)
        except RecipientError:
            wrong.append(Problem(f"penerima ke-{number}", "bukan kunci age", allowed, "salin lagi kunci umumnya"))
    if wrong:
        raise UserError(Exit.USAGE, *wrong)


def seal(content: bytes, recipients: Sequence[str]) -> bytes:
    """Encrypts for every recipient; each opens it with his own key. The recipients were checked."""
    import pyrage

    sealed: bytes = pyrage.encrypt(content, [pyrage.x25519.Recipient.from_str(one) for one in recipients])
    return sealed


def check_identities(text: str) -> None:
    """Raises UserError (USAGE) when a key file (its text) holds no age key."""
    _identities(text)


def unseal(content: bytes, identities: str) -> bytes:
    """Decrypts with the keys of a key file (its text). Raises UserError (FILE) when none fits or bytes were changed."""
    import pyrage

    try:
        opened: bytes = pyrage.decrypt(content, _identities(identities))
    except pyrage.DecryptError:
        allowed = "paket .age yang utuh, untuk kunci ini"
        problem = Problem("paket terbuka", "tidak terbuka dengan kunci ini, atau berubah", allowed, "periksa keduanya")
        raise UserError(Exit.FILE, problem) from None
    return opened


def _identities(text: str) -> list[object]:
    import pyrage

    lines = [line.strip() for line in text.splitlines()]
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith(_SECRET)]
    except pyrage.IdentityError:
        found = []
    if not found:
        allowed = "berkas kunci age dengan baris AGE-SECRET-KEY-..."
        raise UserError(Exit.USAGE, Problem("--identitas", "tidak memuat kunci age", allowed, "pilih berkas kuncinya"))
    return found
