"""Random histories of extracts: received, compared, decided, written, taken back, some of them late."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import duckdb
import polars as pl

from office_kit.extracts_model import Extract, File, Row, doubted
from tasks.load import ROWS_PER_FILE
from tasks.reconcile.labels import credit_again
from tasks.reconcile.run import reconcile
from tasks.steps import finish

CODES = ("ANM-TGL-01", "ANM-NIK-09", "ANM-KOD-02", "ANM-NAM-01", "ANM-KEL-01", "ATURAN-LAMA")
ELEMENTS = ("tgl_lhr", "agama", "nama_lgkp", "alamat")
OUTCOMES = ("diperbaiki", "usul nonaktif", "rujuk luar kota", "tidak terbukti", "ditunda", "ditunda", "ditunda")
LISTS = ("anomali ditjen", "ditjen ganda", "umur", "bagian-1 ditjen ganda", "bagian-2 ditjen ganda", "tahap-2 umur", "")
SPELLINGS = ("Ditjen_{0}_{1}.csv", "{1} DITJEN {0} (rev 2).xlsx", "kiriman {1}.zip/ditjen-{0}.CSV")
PARTS = {
    "bagian-1": ("bagian 1", "I", "part1of2"),
    "bagian-2": ("Bag_II", "2 dari 2", "II"),
    "tahap-2": ("tahap ke-2",),
}
NOTHING = ("{0}.csv", "DATA BARU {0}.xlsx", "file 2 ({0}).csv")
MONTHS = ("2026_10", "nov 26", "DESEMBER", "2027-01", "feb", "III 2027", "apr", "mei", "juni", "jul")
NARROW = ("nik", "no_kk", "nama_lgkp", "tgl_lhr")
SUBJECTS = (*(f"P{n}" for n in range(1, 13)), "N1/2000-01-01", "N2/2000-01-01", "H0", "H1")
TABLES = ("files", "extract_rows", "findings", "subjects", "identities", "clusters", "outcomes", "history", "applied",
          "finding_states", "duplicate_members", "duplicate_events", "case_answers", "decisions", "steps",
          "marks")  # fmt: skip


def name_of(words: str, dice: Random) -> str:
    """A file's name as senders vary it from month to month."""
    month = dice.choice(MONTHS)
    if not words:
        return dice.choice(NOTHING).format(month)
    names = [word for word in words.split() if word != "ditjen" and word not in PARTS]
    parts = [dice.choice(PARTS[word]) for word in words.split() if word in PARTS]
    plain = " ".join([*parts, *names])  # a Roman number beside a year would be a month
    if "ditjen" not in words:
        return f"{plain}_{month}.csv"
    return dice.choice(SPELLINGS).format(plain, month)


@dataclass
class World:
    """One history in an emptied store; ``extracts``: all received, ``compared``: those reconciled, by agenda."""

    con: duckdb.DuckDBPyConnection
    dice: Random
    day: date = date(2026, 10, 6)
    extracts: list[Extract] = field(default_factory=list)
    compared: dict[str, Extract] = field(default_factory=dict)
    waiting: list[Extract] = field(default_factory=list)
    written: int = 0
    undos: dict[str, list[str]] = field(default_factory=dict)
    crowded: float = 0.0  # how often a list is long enough to be missed

    def __post_init__(self) -> None:
        for table in TABLES:
            self.con.execute(f"delete from {table}")

    def play(self, count: int) -> None:
        """``count`` extracts, with what people do between them."""
        for _ in range(count):
            self.day += timedelta(days=self.dice.choice((0, 1, 14, 30)))
            self.waiting.append(self.receive())
            while self.waiting and self.dice.random() < 0.8:
                self.compare(self.waiting.pop(self.dice.randrange(len(self.waiting))))
            for _ in range(self.dice.randrange(3)):
                self.dice.choice((self.write, self.write, self.take_back))()
        for extract in self.waiting:
            self.compare(extract)

    def compare(self, extract: Extract) -> None:
        """The step as the flow runs it; asked twice it does nothing."""
        extract.had_written = {e.agenda for e in self.extracts if e.written_on}
        earlier = [e for e in self.in_order() if e.agenda < extract.agenda]
        extract.doubts = set() if extract.answers else doubted(earlier, extract)
        told = reconcile(self.con, extract.agenda, extract.day.isoformat())
        assert reconcile(self.con, extract.agenda, extract.day.isoformat()) == told
        assert {doubt["series"] for doubt in told["doubts"]} == extract.doubts
        self.compared[extract.agenda] = extract

    def in_order(self) -> list[Extract]:
        return [self.compared[agenda] for agenda in sorted(self.compared)]

    def receive(self) -> Extract:
        """The next extract: most of what was there before is there again."""
        dice, agenda = self.dice, f"2026-{len(self.extracts) + 1:04d}"
        known = LISTS[:2] if dice.random() < self.crowded else LISTS
        lists = dice.sample(known, dice.choice((1, 1, 2, min(3, len(known)))))
        lists += [lists[0]] if dice.random() < 0.2 else []  # one list in two files
        counts = [dice.randrange(80 if dice.random() < self.crowded else 9) for _ in lists]
        files = [self.file(words, count) for words, count in zip(lists, counts, strict=True)]
        rows = [self.row(agenda, number, file, line)
                for number, (file, count) in enumerate(zip(files, counts, strict=True), 1)
                for line in range(2, 2 + count)]  # fmt: skip
        without = {dice.choice(CODES)} if dice.random() < 0.15 else set()
        for row in rows:
            row.codes = tuple(code for code in row.codes if code not in without)
        extract = Extract(agenda, self.day, files, rows, self.groups(rows), without, answers=dice.random() < 0.1)
        self.extracts.append(extract)
        self.store(extract)
        return extract

    def file(self, words: str, count: int) -> File:
        dice = self.dice
        columns = NARROW if dice.random() < 0.15 else None
        return File(name_of(words, dice), words, columns, count if dice.random() < 0.2 else None)

    def row(self, agenda: str, number: int, file: File, line: int) -> Row:
        dice = self.dice
        codes = [code for code in CODES[:5] if file.columns is None or code != "ANM-KOD-02"]
        told = tuple(sorted(set(dice.choices(codes, k=dice.randrange(4)))))
        told += ("ATURAN-LAMA",) if agenda < "2026-0004" and dice.random() < 0.2 else ()
        subject = dice.choice(SUBJECTS[: dice.choice((5, len(SUBJECTS)))])
        place = dice.choice((("01", "1001"), ("02", "1009"), (None, None)))
        return Row(number * ROWS_PER_FILE + line, number, subject, told, place)

    def groups(self, rows: list[Row]) -> list[set[str]]:
        """Groups without overlap; a record that was not received is a resident's."""
        received = {row.subject for row in rows}
        people = [s for s in SUBJECTS if s in received or s.startswith("P")]
        if self.dice.random() < 0.8:  # neighbours in a fixed order, so that groups come again and shift
            cuts = sorted(self.dice.sample(range(1, len(people)), min(len(people) - 1, 6)))
            found = [set(people[a:b]) for a, b in zip([0, *cuts], [*cuts, len(people)], strict=True)]
            return [group for group in found if len(group) > 1 and self.dice.random() < 0.8]
        self.dice.shuffle(people)
        return [set(people[at : at + 3]) for at in range(0, len(people) - 3, 4)]

    def store(self, extract: Extract) -> None:
        """The tables as load, validate and resolve leave them."""
        con, agenda, shuffled = self.con, extract.agenda, self.dice.sample(extract.rows, len(extract.rows))
        for number, file in enumerate(extract.files, 1):
            con.execute("""insert into files by name select ? as agenda, ? as file_no, ? as name, ? as columns,
                        ? as letter_rows""", [agenda, number, file.name, file.columns, file.rows])  # fmt: skip
        many(con, "extract_rows", "agenda row_id file_no no_kec no_kel",
             [[agenda, r.row_id, r.file_no, *r.place] for r in shuffled])  # fmt: skip
        many(con, "findings", "agenda row_id code", [[agenda, r.row_id, c] for r in shuffled for c in r.codes])
        many(con, "subjects", "agenda row_id subject", [[agenda, r.row_id, r.subject] for r in shuffled])
        firsts = {r.subject: f"B{r.row_id}" for r in sorted(extract.rows, key=lambda row: -row.row_id)}
        record = {
            s: s if s.startswith("P") else firsts.get(s, "")
            for s in {*firsts, *(who for g in extract.groups for who in g)}
        }
        many(con, "identities", "agenda row_id record_id",
             [[agenda, r.row_id, record[r.subject]] for r in shuffled])  # fmt: skip
        many(con, "clusters", "agenda record_id cluster_id",
             [[agenda, record[who], min(map(record.get, g))] for g in extract.groups for who in g])  # fmt: skip
        if extract.answers:
            self.store_cases(extract)
        extract.answers = extract.answers and bool(shuffled)
        finish(con, agenda, ("validate", 0), {"without": dict.fromkeys(sorted(extract.without), "belum dimuat")})

    def store_cases(self, extract: Extract) -> None:
        """Each row of a case workbook answers a case of its subject, where there was one."""
        told: list[list[object]] = []
        for row in extract.rows:
            cases = [
                (e.agenda, r) for e in self.extracts if e is not extract for r in e.rows if r.subject == row.subject
            ]
            agenda, row.case = self.dice.choice(cases) if cases else (None, None)
            told.append([extract.agenda, row.row_id, agenda, row.case.row_id if row.case else None])
        many(self.con, "case_answers", "agenda row_id case_agenda case_row", told)

    def store_answers(self, extract: Extract) -> None:
        """Some referrals were answered: on the worksheet, where the newest word counts, or in an earlier batch."""
        dice, agenda = self.dice, extract.agenda
        said: list[list[object]] = []
        for row in extract.rows:
            events = [dice.choice((None, "jawaban daerah: warga sana", "warga datang")) for _ in range(2)]
            said += [[agenda, row.row_id, number, event] for number, event in enumerate(events)]
            row.answered = (events[-1] or "").startswith("jawaban daerah")
        many(self.con, "decisions", "agenda row_id round event", said)
        for row in extract.rows[:2]:
            basis = dice.choice(("agenda 2025-0009: jawaban daerah: warga sana", "agenda 2025-0009: KTP-el"))
            row.answered |= "jawaban" in basis
            self.con.execute("""update outcomes set cause = 'keputusan terdahulu', basis = ?
                where agenda = ? and row_id = ? and round = 2""", [basis, agenda, row.row_id])  # fmt: skip

    def write(self) -> None:
        """A compared batch is decided and written."""
        ready = [e for e in self.compared.values() if e.written_on is None]
        if not ready:
            return
        extract = self.dice.choice(ready)
        for row in extract.rows:
            row.outcome = self.dice.choice(OUTCOMES)
            row.changed = (self.dice.choice(ELEMENTS), self.dice.random() < 0.7) if self.dice.random() < 0.3 else None
        many(self.con, "outcomes", "agenda round row_id outcome",
             [[extract.agenda, 2, r.row_id, r.outcome] for r in extract.rows])  # fmt: skip
        many(self.con, "outcomes", "agenda round row_id outcome",
             [[extract.agenda, 1, r.row_id, "diperbaiki"] for r in extract.rows])  # fmt: skip
        self.store_answers(extract)
        many(self.con, "history", "agenda row_id element written",
             [[extract.agenda, r.row_id, *r.changed] for r in extract.rows if r.changed])  # fmt: skip
        extract.written_on, extract.live = self.day, True
        self.note(extract.agenda, None)

    def take_back(self) -> None:
        """The newest writing of a batch is undone; of an undo, so that the batch holds again."""
        written = [e for e in self.extracts if e.written_on]
        if not written:
            return
        extract = self.dice.choice(written)
        chain = self.undos.setdefault(extract.agenda, [extract.agenda])
        name = f"{extract.agenda}-U{len(chain)}"
        self.note(name, chain[-1])
        chain.append(name)
        extract.live = not extract.live
        credit_again(self.con, extract.agenda)

    def note(self, agenda: str, undoes: str | None) -> None:
        self.written += 1
        self.con.execute("insert into applied by name select ? as agenda, 2 as round, ?::date as written_on, "
                         "? as undoes, ? as n", [agenda, self.day, undoes, self.written])  # fmt: skip


def many(con: duckdb.DuckDBPyConnection, table: str, columns: str, rows: list[list[object]]) -> None:
    """Rows into a table, at once."""
    frame = pl.DataFrame(rows, schema=columns.split(), orient="row", infer_schema_length=None)
    con.register("told", frame.to_arrow())
    con.execute(f"insert into {table} by name select * from told")
    con.unregister("told")
