"""SOP step 2 ends: the proposed change-set. Every received row gets exactly one outcome; changes have their basis.

Read in this order: corrections (which elements), outcomes (which end), changeset (canonical bytes and digest), run.
"""

from tasks.propose.changeset import digest
from tasks.propose.run import propose

__all__ = ["digest", "propose"]
