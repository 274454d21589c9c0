"""Extracts that arrive one after the other, told in a line each, and compared by the real step."""

from datetime import date

from office_kit.extracts import World
from office_kit.extracts_model import Extract, File, Row
from tasks.load import ROWS_PER_FILE

BIRTH, RELIGION = "ANM-TGL-01", "ANM-KOD-02"
ANOMALIES, DUPLICATES = File("anomali_10.csv", "anomali", None), File("ganda_10.csv", "ganda", None)


def arrive(
    world: World, rows: list[tuple[str, str]], *files: File, groups: tuple[set[str], ...] = (), compare: bool = True
) -> Extract:
    """A month later an extract of (subject, code) arrives, all in its first file."""
    month = len(world.extracts) + 1
    told = [Row(ROWS_PER_FILE + 2 + at, 1, subject, (code,) if code else (), ("01", "1001"))
            for at, (subject, code) in enumerate(rows)]  # fmt: skip
    extract = Extract(
        f"2026-{month:04d}", date(2026, month, 5), list(files or (ANOMALIES,)), told, [*groups], set(), False
    )
    world.day = extract.day
    world.extracts.append(extract)
    world.store(extract)
    if compare:
        world.compare(extract)
    return extract


def labels(world: World, subject: str, code: str = BIRTH) -> list[tuple[str, str]]:
    """(month, label) of every line about one finding."""
    asked = "select right(agenda, 1), label from finding_states where subject = ? and code = ? order by agenda"
    return world.con.execute(asked, [subject, code]).fetchall()


def decide(world: World, extract: Extract, outcome: str) -> None:
    """All its rows end so, and it is written."""
    for row in extract.rows:
        row.outcome = outcome
        world.con.execute("insert into outcomes by name select ? as agenda, 2 as round, ? as row_id, ? as outcome",
                          [extract.agenda, row.row_id, outcome])  # fmt: skip
    extract.written_on, extract.live = world.day, True
    world.note(extract.agenda, None)
