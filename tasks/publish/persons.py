"""Who the copy is about: one pseudonym and one set of traits per person, the same in every table of one copy.

Pseudonyms are keyed, because the space of NIKs can be enumerated; and every copy has its own key, because who is one
person in two copies could be looked up in that which tells more.
"""

import base64
import hashlib
import hmac

import duckdb

from expectations.published import LADDER
from tasks.publish.hiding import drop_steps, hide

# HMAC in two nested hashes (RFC 2104 without padding): DuckDB has no hmac function.
PSEUDONYM = "left(sha256($key || sha256($key || {value})), 16)"


def key_of_copy(key: bytes, *about: str) -> str:
    """The key of one copy's pseudonyms, of the office's key and of what no two copies share: moment and store.

    As base64, 43 characters: key and subject are one block of SHA-256, and a city has 1,000,000 subjects.
    """
    return base64.b64encode(hmac.new(key, "|".join(about).encode(), hashlib.sha256).digest()).decode().rstrip("=")


def make_persons(con: duckdb.DuckDBPyConnection, key: str) -> None:
    """Temp table ``persons``: id, orang (pseudonym), resident, luar_kota, ektp_status, usulan and the traits to show.

    ``key``: of the copy. Needs temp tables ``people`` and ``facts`` (tasks.publish.hiding).
    """
    drop_persons(con)
    hide(con)
    shown = ", ".join(
        f"if(step < {step}, {trait}, null) as {trait}" for step, lost in enumerate(LADDER) for trait in lost
    )
    con.execute(
        f"""create temp table persons as select id, {PSEUDONYM.format(value="subject")} as orang, resident, luar_kota,
          ektp_status, usulan, {shown} from people join steps_down using (id)""",
        {"key": key},
    )


def drop_persons(con: duckdb.DuckDBPyConnection) -> None:
    """Leaves nothing of it in the connection."""
    drop_steps(con)
    con.execute("drop table if exists temp.persons")
