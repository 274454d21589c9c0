"""The 3x24 hours within which the persons and the authority must be told (UU 27/2022 art. 46(1)); nights count."""

from datetime import datetime, timedelta

from tasks.documents.words import duration
from tasks.errors import Exit, Problem, UserError
from tasks.office import WIB

HOURS = 72


def found_at(text: str, now: datetime) -> datetime:
    """``2026-11-23 09:00`` on the office's clock (aware). Raises UserError (USAGE) for another shape or the future."""
    allowed, step = "YYYY-MM-DD HH:MM menurut WIB, yang sudah lewat", "isi saat kebocoran itu diketahui"
    try:
        at = datetime.strptime(text.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=WIB)
    except ValueError:
        raise UserError(Exit.USAGE, Problem("--since", "bukan hari dan jam", allowed, step)) from None
    if at > now:
        raise UserError(Exit.USAGE, Problem("--since", "waktu yang akan datang", allowed, step))
    return at


def check_known_then(found: datetime, received: datetime | None) -> None:
    """Nobody finds out that data leaked before the office had them: a slip of the pen in the year. Raises UserError.

    ``received``: when the first of the data came in, None where nothing did.
    """
    if received and found < received.replace(second=0, microsecond=0):
        told = f"{found:%d-%m-%Y %H.%M} WIB, sebelum berkasnya diterima"
        allowed = f"{received.astimezone(WIB):%d-%m-%Y %H.%M} WIB atau sesudahnya"
        raise UserError(Exit.USAGE, Problem("--since", told, allowed, "periksa tahun, bulan dan harinya"))


def due_at(found: datetime) -> datetime:
    """When the notice must be out."""
    return found + timedelta(hours=HOURS)


def left(found: datetime, now: datetime) -> str:
    """``sisa 2 hari 3 jam``, or by how much it is too late."""
    minutes = int((due_at(found) - now).total_seconds() // 60)
    return f"sisa {duration(minutes)}" if minutes >= 0 else f"LEWAT {duration(-minutes)}"
