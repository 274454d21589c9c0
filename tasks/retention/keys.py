"""The key of each batch: 32 random bytes in a file of its own, with a copy where the office says.

Once all of them lie in a second folder on another disk (``salinan_kunci`` in kantor.toml) no new backup holds them:
whoever destroys one has older backups alone to look through. Until then ``sinkron backup`` carries them, so that a lost
disk takes no original.
"""

import re
import secrets
from pathlib import Path

from tasks.errors import Exit, Problem, UserError, disk_says
from tasks.office import PRIVATE_FOLDER, Office
from tasks.private import replace_private, sync_folder
from tasks.retention.sealed import KEY_BYTES, opens
from tasks.retention.sealed import SUFFIX as SEALED

SUFFIX, TWO = ".key", 2
TEXT = re.compile(rf"[0-9a-f]{{{2 * KEY_BYTES}}}")


def new_key() -> bytes:
    """A key for a batch that has no number yet."""
    return secrets.token_bytes(KEY_BYTES)


def keep_key(office: Office, agenda: str, key: bytes) -> None:
    """Writes the key durably, the copy first. Raises UserError (OFFICE) when either folder can not be written.

    A key of that number that is there belongs to a receipt that died before it was registered: it is set aside.
    """
    for folder in reversed(folders(office)):
        _write(office, folder, agenda, key)


def _write(office: Office, folder: Path, agenda: str, key: bytes) -> None:
    path = folder / f"{agenda}{SUFFIX}"
    try:
        if folder == office.batch_keys:  # another disk's folder is never made: its disk may not be there
            folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        if path.exists():
            path.rename(path.with_name(f".tertinggal-{path.stem}-{secrets.token_hex(4)}{SUFFIX}"))
        replace_private(path, key.hex().encode())
        sync_folder(folder)
    except OSError as error:
        raise UserError(Exit.OFFICE, _unwritable(folder, error)) from None


def key_of(office: Office, agenda: str) -> bytes:
    """A batch's key, from the copy when the first is gone. Raises UserError (OFFICE) when there is none that fits."""
    for folder in folders(office):
        if key := _held(office, folder, agenda):
            return key
    allowed = f"{agenda}{SUFFIX} dalam {office.batch_keys.name}/ atau dalam salinan_kunci"
    step = "pulihkan dari salinan kunci agenda (tidak ada dalam cadangan)"
    raise UserError(Exit.OFFICE, Problem(f"agenda {agenda}", "kunci agenda tidak ada", allowed, step))


def _held(office: Office, folder: Path, agenda: str) -> bytes | None:
    """The batch's key in a folder; None when there is none, or another one than its archive was sealed with."""
    path = folder / f"{agenda}{SUFFIX}"
    if not path.is_file() or not TEXT.fullmatch(text := path.read_text("ascii", "replace").strip()):
        return None
    key, archived = bytes.fromhex(text), sorted((office.archive / agenda).glob(f"*{SEALED}"))
    fits = any(opens(one, (key, one.name.removesuffix(SEALED))) for one in archived)  # one of them may be damaged
    return key if fits or not archived else None


def copy_keys(office: Office) -> int:
    """Puts each key where it is missing or another one lies, which is set aside. How many files were written.

    What is lost everywhere (``without_key``) is left out and stops nothing.

    Raises UserError: USAGE when no copy is chosen, OFFICE when a folder can not be written.
    """
    places, written = folders(office), 0
    if len(places) < TWO:
        allowed = 'salinan_kunci = "/disk/lain/kunci" dalam kantor.toml'
        raise UserError(Exit.USAGE, Problem("--salin-kunci", "tanpa folder salinan", allowed, "isi, lalu ulangi"))
    lost = without_key(office)
    for agenda in (one for one in _sealed(office) if one not in lost):
        key = None
        for place in places:
            if _held(office, place, agenda) is None:
                key = key or key_of(office, agenda)
                _write(office, place, agenda, key)
                written += 1
    return written


def without_key(office: Office) -> list[str]:
    """Batches whose archive is sealed and whose key is nowhere, sorted: nobody can read their originals."""
    places = folders(office)
    return [one for one in _sealed(office) if all(_held(office, place, one) is None for place in places)]


def without_copy(office: Office) -> list[str]:
    """Batches whose key lies in one place alone, sorted: lost with one disk, if no backup carried it."""
    places = folders(office)
    return [one for one in _sealed(office) if sum(_held(office, place, one) is not None for place in places) == 1]


def _sealed(office: Office) -> list[str]:
    found = {path.parent.name for path in office.archive.glob(f"*/*{SEALED}")}
    return sorted(agenda for agenda in found if not agenda.startswith("."))


def folders(office: Office) -> list[Path]:
    """Where keys lie: the office's own folder, and the copy where one is chosen."""
    copy = office.settings.salinan_kunci
    return [office.batch_keys, *([Path(copy)] if copy else [])]


def _unwritable(folder: Path, error: OSError) -> Problem:
    return Problem(
        f"kunci agenda dalam {folder}/", disk_says(error), "folder yang ada dan dapat ditulis",
        "sambungkan disknya, atau betulkan salinan_kunci dalam kantor.toml; tidak ada yang diterima",
    )  # fmt: skip
