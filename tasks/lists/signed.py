"""What officials signed about a row beyond its outcome: the day it waits for, and what another region answered.

Both stand in the basis, which is part of the change-set and its digest (tasks.propose.changeset); the table of Staff's
decisions is not, so no list or letter is made from it.
"""

from expectations.outcomes import EVENTS, REGION_LETTER
from tasks.privacy import OF_STAFF

_DAY = "[0-9]{2}-[0-9]{2}-[0-9]{4}"
# tasks.propose.run writes them last, in this order, each after "; ": what a number of Staff's says before is no match.
_UNTIL = f"(?:^|; )ditunda sampai ({_DAY})$"
_EVENT = f"(?:^|; )({'|'.join(event.name for event in EVENTS)})(?:; ditunda sampai {_DAY})?$"
_LETTER = f"{REGION_LETTER.name} nomor (.*) tanggal ({_DAY})"

# row_id, until (ISO), event, number and dated (ISO) of the region's letter; null for what was not said.
SIGNED = f"""
select row_id, strftime(try_strptime(regexp_extract(basis, '{_UNTIL}', 1), '%d-%m-%Y'), '%Y-%m-%d') as until,
  nullif(regexp_extract(basis, '{_EVENT}', 1), '') as event,
  nullif(regexp_extract(basis, '{_LETTER}', 1), '') as number,
  strftime(try_strptime(regexp_extract(basis, '{_LETTER}', 2), '%d-%m-%Y'), '%Y-%m-%d') as dated
from outcomes where agenda = $agenda and round = $round and cause in {OF_STAFF}"""
