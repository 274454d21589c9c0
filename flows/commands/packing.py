"""``sinkron pack``: the evidence pack of one batch; unmasked only encrypted, and only for a person who says why."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flows.commands.reading import existing_office, may_open
from tasks.errors import Exit, Problem, UserError
from tasks.office import Office

if TYPE_CHECKING:
    from tasks.pack.make import Pack


def pack_command(arguments: argparse.Namespace) -> int:
    """Makes the pack (``--terbuka``: with the signed bytes, encrypted), or opens an encrypted one (``--buka``)."""
    office = existing_office()
    if arguments.buka:
        return _open(office, arguments)
    from tasks.pack.sealed import SUFFIX, check_recipients, seal

    recipients = tuple(dict.fromkeys(arguments.untuk or office.settings.penerima))
    if arguments.terbuka:
        check_recipients(recipients)
    elif arguments.untuk:
        raise UserError(Exit.USAGE, Problem("--untuk", "tanpa --terbuka", "keduanya bersama", "isi --terbuka"))
    target = _target(arguments.ke, office.packs)
    made = _make(office, arguments)
    name, content = made.name, made.content
    if arguments.terbuka:
        name, content = name + SUFFIX, seal(content, recipients)
    path = target / name if target.is_dir() else target
    _write(path, content, replace=target == office.packs)
    _tell(path, made)
    return Exit.OK


def _make(office: Office, arguments: argparse.Namespace) -> "Pack":
    """The opening of unmasked data is entered before anything of them is read."""
    from tasks.ledger import open_ledger
    from tasks.pack.make import check_written, make_pack
    from tasks.store import open_store

    with open_ledger(office) as ledger:
        check_written(ledger, arguments.agenda)
    if arguments.terbuka:
        may_open(office, arguments.agenda, arguments, "paket bukti")
    about = (arguments.agenda, datetime.now(UTC), arguments.nip if arguments.terbuka else "")
    with open_ledger(office) as ledger, open_store(office) as con:
        return make_pack(con, ledger, office, about)


def _tell(path: Path, made: "Pack") -> None:
    from tasks.approvals.case import file_code

    number, digest = made.head
    sys.stdout.write(f"Paket bukti: {path}\n")
    sys.stdout.write("Kepala paket, tulis di surat penyerahan dan di Buku Agenda kertas:\n")
    sys.stdout.write(f"  {number}:{file_code(digest)}\n  {digest}\n")
    for name in made.left_out:
        sys.stdout.write(f"Tidak disertakan, tidak ada lagi: {name}\n")
    sys.stdout.write("Memeriksanya, tanpa Sinkron: python -I periksa.py PAKET (lihat BACA-SAYA.txt di dalamnya)\n")


def _target(asked: Path | None, default: Path) -> Path:
    """A folder that exists, or a file that does not. Raises UserError (USAGE)."""
    target = asked or default
    if not target.is_dir() and (target.exists() or not target.absolute().parent.is_dir()):
        allowed = "folder yang ada, atau berkas baru di dalamnya"
        raise UserError(
            Exit.USAGE, Problem(f"--ke {target.name}", "sudah ada, atau foldernya tidak ada", allowed, "ganti")
        )
    return target


def _write(path: Path, content: bytes, *, replace: bool) -> None:
    from tasks.private import replace_private

    if path.exists() and not replace:
        raise UserError(Exit.USAGE, Problem(path.name, "sudah ada", "nama berkas baru", "pilih nama lain"))
    replace_private(path, content)


def _open(office: Office, arguments: argparse.Namespace) -> int:
    """Decrypts a pack of this batch into a new file (0600); entered in the ledger before."""
    from tasks.pack.make import agenda_of, pack_name
    from tasks.pack.sealed import check_identities, unseal
    from tasks.write.conflicts import base_of

    sealed, keys = _read(arguments.buka, "--buka"), ""
    if arguments.identitas:
        keys = _read(arguments.identitas, "--identitas").decode("utf-8", "replace")
    check_identities(keys)
    base = base_of(arguments.agenda)
    name = pack_name(base, masked=False)
    target = _target(arguments.ke, arguments.buka.absolute().parent)
    path = target / name if target.is_dir() else target
    if path.exists():
        raise UserError(Exit.USAGE, Problem(path.name, "sudah ada", "nama berkas baru", "pilih dengan --ke"))
    may_open(office, arguments.agenda, arguments, "paket bukti")
    content = unseal(sealed, keys)
    if agenda_of(content) != base:
        problem = Problem("--buka", "paket agenda lain", f"paket agenda {base}", "periksa nomor agendanya")
        raise UserError(Exit.USAGE, problem)
    _write(path, content, replace=False)
    sys.stdout.write(f"Dibuka: {path}. Berisi data pribadi penduduk: hapus sesudah diperiksa.\n")
    return Exit.OK


def _read(path: Path, option: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        problem = Problem(option, "tidak terbaca", "berkas yang ada", "periksa nama dan izinnya")
        raise UserError(Exit.USAGE, problem) from None
