"""What can go wrong, in words a person can act on. Every error carries the exit code of its kind."""

import errno
import os
from dataclasses import dataclass
from enum import IntEnum

from tasks.privacy import scrub


class Exit(IntEnum):
    """Exit codes of the command line, by kind of error (documented in docs/data-engineer.md)."""

    OK = 0
    FINDINGS = 1  # `sinkron check` found something; nothing went wrong
    USAGE = 2
    FILE = 3  # the bytes cannot be read as what they claim to be
    COLUMNS = 4
    TOTALS = 5  # the cover letter counts otherwise
    ALREADY_RECEIVED = 6
    STILL_WRITING = 7
    OFFICE = 8  # keys, store, server: the office is not ready
    IDENTITY = 9  # person, mandate or code
    WORKSHEET = 10
    SYSTEM = 11  # a fault of ours


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one place: what was received, what is allowed, what to do next. No personal data."""

    place: str
    received: str
    allowed: str
    next_step: str

    def __str__(self) -> str:
        return scrub(f"{self.place}: {self.received}. Seharusnya: {self.allowed}. Langkah: {self.next_step}.")


class SinkronError(Exception):
    """Base of every error we raise on purpose. Shown without a traceback."""

    exit_code = Exit.SYSTEM


class UserError(SinkronError):
    """Something a person can mend. Carries all problems at once, not the first."""

    def __init__(self, exit_code: Exit, *problems: Problem) -> None:
        self.exit_code = exit_code
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class ConflictError(UserError):
    """Residents are no longer as a proposal saw them. Nothing is written.

    ``rows``: every (row_id, element) concerned, in order; ``later``: the agenda numbers that touched them since,
    newest first (only of an undo).
    """

    def __init__(self, problem: Problem, rows: list[tuple[int, str]], later: list[str]) -> None:
        super().__init__(Exit.OFFICE, problem)
        self.rows, self.later = rows, later


class RuleCrashedError(SinkronError):
    """A rule could not be evaluated. That is a fault of the system and never a finding about a person."""


class DigestMismatchError(SinkronError):
    """What would be written is not what was approved. Nothing is written."""


class NotApprovedError(DigestMismatchError):
    """Signatures are missing, were withdrawn or refused. Nothing is written; the chain is asked again."""


class BasisUndoneError(DigestMismatchError):
    """The change-set takes over decisions of a batch that was undone meanwhile. Nothing is written."""


class LedgerBrokenError(SinkronError):
    """The ledger's chain does not verify: an entry was changed, removed or inserted."""


def disk_says(error: OSError) -> str:
    """Why the disk refuses, in the office's words."""
    if error.errno in {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}:
        return "disk penuh"
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return "hanya dapat dibaca"
    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ENODEV}:
        return "tidak ada"
    return os.strerror(error.errno or 0)
