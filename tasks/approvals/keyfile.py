"""An approver's own Ed25519 key: a PEM file locked by a passphrase that its owner keeps, never the office."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from tasks.errors import Exit, Problem, UserError
from tasks.private import new_private

SHORTEST = 12


def new_key_file(target: Path, passphrase: str) -> str:
    """Writes a new private key (0600), its public half beside it; returns that half (hex). Raises UserError (USAGE)."""
    wrong = []
    if len(passphrase) < SHORTEST:
        wrong.append(Problem("frasa sandi", "terlalu pendek", f"paling sedikit {SHORTEST} huruf", "pilih kalimat"))
    if target.exists() or public_file(target).exists() or not target.parent.is_dir():
        wrong.append(Problem(target.name, "sudah ada, atau foldernya tidak ada", "berkas baru", "pilih nama lain"))
    if wrong:
        raise UserError(Exit.USAGE, *wrong)
    key = Ed25519PrivateKey.generate()
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode()))
    with new_private(target) as file:
        file.write(locked)
    with new_private(public_file(target)) as file:
        file.write(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def remove_key_file(target: Path) -> None:
    """Takes back a key that nobody enrolled."""
    for path in (target, public_file(target)):
        path.unlink(missing_ok=True)


def public_file(target: Path) -> Path:
    """Where the public half lies, for ``sinkron verify --publik``: kasi.pem -> kasi-publik.pem."""
    return target.with_name(f"{target.stem}-publik.pem")


def open_key_file(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """The private key. Raises UserError (IDENTITY) for a wrong passphrase or what is no Ed25519 key."""
    if not path.is_file():
        raise UserError(Exit.USAGE, Problem(path.name, "berkas tidak ditemukan", "berkas kunci", "periksa nama berkas"))
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase.encode() or None)
    except (OSError, ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        received = "tidak terbuka: bukan kunci Ed25519, atau frasa sandi salah"
        raise UserError(Exit.IDENTITY, Problem(path.name, received, "berkas kunci dan frasa sandinya", "ulangi"))
    return key
