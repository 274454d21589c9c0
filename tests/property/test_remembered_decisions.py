"""Generated histories of extracts, decisions and undos: what is recalled agrees with a model in plain Python."""

import os
from datetime import date
from typing import Any

import duckdb
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from office_kit.remembered_model import Facts, Line, Memory, Office, PairMemory, Word
from office_kit.residents import nik_of, resident

from expectations.columns import STORED
from expectations.memory import REMEMBERED
from expectations.outcomes import BY_STAFF, Outcome
from tasks.propose import propose
from tasks.propose.corrections import build_corrections
from tasks.propose.outcomes import build_outcomes
from tasks.remember.again import take_over
from tasks.remember.keep import remember_rows
from tasks.resolve.decisions import decided, remember, reopened_pairs
from tasks.steps import finish
from tasks.store import memory_store

HISTORIES = 400 if os.environ.get("SINKRON_TORTURE") else 8
AS_OF, PASSED, AHEAD = "2026-10-06", date(2026, 10, 6), date(2026, 10, 7)
ADDRESS = ["JL MELATI 1", " jl  melati 1", "JL MAWAR 2", None]
NAMES = ["SITI AMINAH", "Siti-Aminah", "BRAMANTYO"]
BIRTHS = ["1990-02-14", "1990-03-15"]
KNOWN = [dict(resident(number), NAMA_LGKP=NAMES[0]) for number in (1, 2)]
STRANGER_NIK = nik_of(date(1990, 2, 14), "2", 9777)
WORDS = [
    Word(Outcome.UNFOUNDED), Word(Outcome.DEACTIVATION), Word(Outcome.POSTPONED), Word(Outcome.POSTPONED, PASSED),
    Word(Outcome.POSTPONED, AHEAD), Word(Outcome.CORRECTED, None, (("alamat", "JL MAWAR 2"),)),
    Word(Outcome.CORRECTED, None, (("alamat", "JL KENANGA 3"),)),
]  # fmt: skip
lines = st.tuples(
    st.sampled_from([1, 1, 2, 0]), st.sampled_from(NAMES), st.sampled_from(ADDRESS), st.sampled_from(BIRTHS),
    st.sets(st.sampled_from(["ANM-NIK-09", "ANM-PDK-01", "ANM-NAM-08"]), max_size=2), st.sampled_from(["5", "8"]),
    st.none() | st.sampled_from(WORDS),
)  # fmt: skip
happenings = st.one_of(
    st.tuples(st.just("moves"), st.sampled_from([1, 2]), st.sampled_from(ADDRESS)),
    st.tuples(st.just("renamed"), st.sampled_from([1, 2]), st.sampled_from(NAMES)),
    st.tuples(st.just("undone"), st.integers(0, 5), st.none()),
)
answers = st.sampled_from([None, None, "bukan", "orang sama", "tidak tahu"])
extracts = st.tuples(
    st.lists(lines, min_size=1, max_size=4), st.booleans(), answers, st.lists(happenings, max_size=1),
)  # fmt: skip


class World:
    """A store in memory, and the model beside it."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con, self.office, self.agendas = con, Office(), list[str]()
        self.shared = set[int]()  # rows of the newest extract whose NIK bears two names
        self.held = [{name: person.get(name.upper()) for name in STORED} for person in KNOWN]
        for number in (1, 2):
            self._insert("penduduk", self.held[number - 1] | {"resident_id": number})

    def _insert(self, table: str, values: dict[str, Any]) -> None:
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        self.con.execute(f"insert into {table} ({names}) values ({marks})", [*values.values()])

    def receive(self, drawn: list[Any], *, pair_open: bool) -> list[Line]:
        """An extract, resolved: the pair P1 P2 is an open question unless an earlier decision steers."""
        agenda = f"2026-{len(self.agendas) + 1:04}"
        self.agendas.append(agenda)
        found = []
        for at, (who, name, address, born, codes, school, _) in enumerate(drawn):
            row_id = 10_000_002 + at
            nik = self.held[who - 1]["nik"] if who else STRANGER_NIK
            said: Facts = {"nik": nik, "nama_lgkp": name, "tgl_lhr": born if who else BIRTHS[0], "alamat": address,
                           "no_kk": KNOWN[0]["NO_KK"], "pddk_akh": school}  # fmt: skip
            place = {"agenda": agenda, "row_id": row_id, "file_no": 1, "line_no": at + 2}
            city = {"no_prop": "35", "no_kab": "76", "tgl_lhr_raw": said["tgl_lhr"]}
            self._insert("extract_rows", place | city | said)
            record, subject = (f"P{who}", f"P{who}") if who else (f"B{row_id}", f"N{nik}/{said['tgl_lhr']}")
            self._insert(
                "identities", {"agenda": agenda, "row_id": row_id, "record_id": record, "resident_id": who or None}
            )
            self._insert("subjects", {"agenda": agenda, "row_id": row_id, "subject": subject})
            for code in codes:
                self._insert("findings", {"agenda": agenda, "row_id": row_id, "code": code})
            found.append(Line(row_id, subject, said, dict(self.held[who - 1]) if who else None, frozenset(codes)))
        if pair_open:
            self._insert("pairs", {"agenda": agenda, "left_id": "P1", "right_id": "P2", "band": "mungkin"})
        finish(self.con, agenda, ("validate", 0), {"as_of": AS_OF, "thresholds": {}})
        return found

    def draft(self) -> tuple[dict[int, Any], dict[int, Any]]:
        """row_id -> (outcome, basis, cause, needs_person): by the system alone, and with what is remembered."""
        agenda = self.agendas[-1]
        self.con.execute("set variable agenda = ?", [agenda])
        build_corrections(self.con)
        build_outcomes(self.con)
        query = "select row_id, outcome, basis, cause, needs_person from proposed"
        alone = {row: end for row, *end in self.con.execute(query).fetchall()}
        self.shared = {row for row, end in alone.items() if end[2] == "GND-01"}
        take_over(self.con, agenda, (1, "draft"))
        return alone, {row: end for row, *end in self.con.execute(query).fetchall()}

    def end(self, rows: list[Line], words: list[Word | None], answer: str | None) -> None:
        """Staff decides, and the batch is written."""
        agenda, n = self.agendas[-1], self.con.execute("select count(*) + 1 from applied").fetchall()[0][0]
        for row, word in zip(rows, words, strict=True):
            if word:
                element, after = word.elements[0] if word.elements else (None, None)
                said = {"outcome": word.outcome, "until": word.until, "element": element, "after": after}
                place = {"agenda": agenda, "row_id": row.row_id, "round": 1}
                self._insert("decisions", place | said | {"basis": "ijazah"})
        if answer:
            self._insert("pair_answers", {"agenda": agenda, "round": 1, "left_id": "P1", "right_id": "P2",
                                          "verdict": answer})  # fmt: skip
        propose(self.con, agenda, 1)
        self._insert("applied", {"agenda": agenda, "round": 1, "written_on": date(2026, 10, 6), "n": n})
        remember(self.con, agenda)
        remember_rows(self.con, agenda)
        open_pairs = self.open_pairs(agenda)
        self.office.rows += [
            Memory(agenda, n, row, word, open_pairs.get(row.subject, frozenset()), self.obstacle(row))
            for row, word in zip(rows, words, strict=True) if word
        ]  # fmt: skip
        verdicts = self.con.execute("select verdict from pair_decisions where agenda = ?", [agenda]).fetchall()
        who = (dict(self.held[0]), dict(self.held[1]))
        self.office.pairs += [PairMemory(agenda, n, verdict, who) for (verdict,) in verdicts]

    def obstacle(self, row: Line) -> str:
        """What keeps the system from ending a row of the newest extract."""
        return "satu NIK" if row.row_id in self.shared else ""

    def open_pairs(self, agenda: str) -> dict[str, frozenset[str]]:
        """Subject -> its open pairs."""
        asked = self.con.execute("select 1 from pairs where agenda = ?", [agenda]).fetchone()
        return {"P1": frozenset({"P2 mungkin"}), "P2": frozenset({"P1 mungkin"})} if asked else {}

    def happen(self, what: str, which: int, value: Any) -> None:
        """Something at the counter, or an undo."""
        if what == "undone":
            agenda = self.agendas[which % len(self.agendas)]
            if agenda not in self.office.undone:
                self.office.undone.add(agenda)
                n = self.con.execute("select count(*) + 1 from applied").fetchall()[0][0]
                self._insert("applied", {"agenda": f"{agenda}-U1", "round": 1, "undoes": agenda, "n": n})
            return
        name = "alamat" if what == "moves" else "nama_lgkp"
        self.held[which - 1][name] = value
        self.con.execute(f"update penduduk set {name} = ? where resident_id = ?", [value, which])


def check_pair(world: World) -> tuple[str, Any]:
    """What the model says of the pair, and that the store says the same."""
    agenda = world.agendas[-1]
    says, newest = world.office.about_the_pair((world.held[0], world.held[1]))
    steering = decided(world.con, agenda).rows()
    opened = reopened_pairs(world.con, agenda).select("left_id", "right_id", "same", "earlier").rows()
    same = newest is not None and newest.verdict == "sama"
    assert steering == ([("P1", "P2", same)] if says == "steers" else [])
    assert opened == ([("P1", "P2", same, newest.agenda)] if says == "opens" and newest else [])
    return says, newest


def check_row(world: World, row: Line, ends: tuple[Any, Any], pair: tuple[frozenset[str], bool]) -> None:
    """One row ends as the model says."""
    alone, now = ends
    told = world.office.recall(row, (alone[0], alone[3], world.obstacle(row)), pair)
    opened = world.con.execute("select earlier, verdict, columns from reopened where agenda = ? and row_id = ?",
                               [world.agendas[-1], row.row_id]).fetchall()  # fmt: skip
    if told[0] == "again":
        word = told[2]
        until = "; ditunda sampai " + word.until.strftime("%d-%m-%Y") if word.until else ""
        waits = word.outcome == Outcome.POSTPONED and (word.until is None or word.until <= PASSED)
        assert now == [word.outcome, f"agenda {told[1]}, 06-10-2026: ijazah{until}", REMEMBERED, waits]
        assert opened == []
        query = "select element, after from corrections where row_id = ? order by 1"
        assert tuple(world.con.execute(query, [row.row_id]).fetchall()) == word.elements
    elif told[0] == "system":
        assert (now, opened) == (alone, [])
    else:
        assert (now[0], now[2], now[3]) == (alone[0], alone[2], True)
        assert "; dibuka lagi, agenda " in now[1]
        assert len(opened) == 1
        if told[0] == "opened":
            columns = [name for name in opened[0][2] if name != "NAMA_LGKP" or not pair[1]]  # a pair adds its own
            wanted = [name for name in told[3] if name != "NAMA_LGKP" or not pair[1]]
            assert (*opened[0][:2], columns) == (*told[1:3], wanted)


@settings(max_examples=HISTORIES, phases=(Phase.generate,))  # shrinking would take many minutes
@given(st.lists(extracts, min_size=3, max_size=6))
def test_what_is_recalled_is_what_the_model_recalls(history: list[Any]) -> None:
    """If this fails, some order of extracts, decisions, changes and undos makes the office forget or misremember."""
    with memory_store() as con:
        world = World(con)
        for drawn, asked, answer, events in history:
            says, newest = world.office.about_the_pair((world.held[0], world.held[1]))
            rows = world.receive(drawn, pair_open=asked and says != "steers")
            assert check_pair(world) == (says, newest)
            alone, now = world.draft()
            shown = world.open_pairs(world.agendas[-1])
            again = says == "opens" and newest is not None and (newest.verdict == "sama" or bool(shown))
            for row in rows:
                mine = (shown.get(row.subject, frozenset()), again and row.subject in {"P1", "P2"})
                check_row(world, row, (alone[row.row_id], now[row.row_id]), mine)
            world.end(rows, [word for *_, word in drawn], answer)
            ends = con.execute("select row_id, outcome, cause from outcomes where agenda = ?", [world.agendas[-1]])
            for row_id, outcome, cause in ends.fetchall():
                word = drawn[row_id - 10_000_002][-1]
                assert (outcome, cause) == ((word.outcome, BY_STAFF) if word else (now[row_id][0], now[row_id][2]))
            for event in events:
                world.happen(*event)
