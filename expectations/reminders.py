"""When whoever has a batch in hands is reminded, and who is told when that does not help, as data.

A share is one of the SOP's working minutes of the step (``expectations.approvals``). Nothing here decides anything.
"""

from enum import StrEnum

from expectations.approvals import CHAIN, STAFF


class Stage(StrEnum):
    """Why a notice is sent."""

    SOON = "segera"  # the limit comes near
    DUE = "lewat batas"
    AGAIN = "pengingat"
    ESCALATED = "eskalasi"  # to the level above
    CENTRE = "batas pusat"  # the Ditjen's days for an answer run out


SOON_AT = 0.75
ESCALATE_AT = 2.0
AGAIN_EVERY = 450  # working minutes after the limit: once a day
WORK = [STAFF.role, *(level.role for level in CHAIN)]
ABOVE = dict(zip(WORK, [*WORK[1:], WORK[-1]], strict=True))  # above the Kadis nobody reads a notice of ours

CENTRE_AT = (-1, 0, 1, 3, 7, 14)  # days left of the Ditjen's 60 (SOP of the Ditjen 7.4.3.3, 2011); -1: they are over
CENTRE_TO = CHAIN[1].role  # the Kabid answers for the reply
