"""What Prefect may see of a failure: which work and which kind of error, never a value from the data.

Prefect writes the text of whatever leaves a task or a flow into its database, its logs and its pages.
"""

import functools
import secrets
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from flows import settings
from tasks.errors import DigestMismatchError, Exit, LedgerBrokenError, RuleCrashedError, UserError
from tasks.private import new_private
from tasks.store import patience

P = ParamSpec("P")
R = TypeVar("R")
TURN_SECONDS = 3600.0  # one writer at a time: a step of 160,000 rows holds the store for minutes (bench/growth.md)
TELLABLE = (RuleCrashedError, DigestMismatchError, LedgerBrokenError)  # messages that never quote data


class StepFailedError(Exception):
    """A failure told without personal data; its full traceback stays in the office (0600)."""


def guarded(work: str, *, patient: bool = True) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Every error of a function becomes a StepFailedError without cause or context; ``work``: what failed, in words.

    A suspension is no Exception and passes. ``patient``: the store is waited for as long as another batch's step can
    take; else as long as a person would.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def without_data(*args: P.args, **kwargs: P.kwargs) -> R:
            until = patience.set(TURN_SECONDS if patient else None)
            try:
                return function(*args, **kwargs)
            except StepFailedError as error:
                failed = str(error)
            except Exception as error:  # noqa: BLE001 (every failure must lose its data before Prefect sees it)
                failed = f"{work} gagal ({type(error).__name__}){_tellable(error)}; rincian: {_keep_traceback()}"
            finally:
                patience.reset(until)
            raise StepFailedError(failed)

        return without_data

    return decorate


def _tellable(error: Exception) -> str:
    if isinstance(error, UserError) and error.exit_code in {Exit.USAGE, Exit.OFFICE}:
        return f": {error}"  # about parameters and the office's own files, not about the content of a received one
    if isinstance(error, UserError) and error.exit_code is Exit.STILL_WRITING:
        return ": berkas masih ditulis; jalankan lagi sesudah selesai disalin"
    if isinstance(error, UserError):
        return f": kode {int(error.exit_code)}, {len(error.problems)} masalah; lihat rejected/"
    return f": {error}" if isinstance(error, TELLABLE) else ""


def _keep_traceback() -> str:
    """Name of the file that keeps the error being handled. A full disk keeps none, and is not in the way either."""
    path = settings.office().scratch / f"kegagalan-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}.txt"
    try:
        with new_private(path) as file:
            file.write(traceback.format_exc().encode("utf-8", "replace"))
    except OSError as error:
        return f"tidak tersimpan ({type(error).__name__})"
    return f"scratch/{path.name}"
