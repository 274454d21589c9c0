"""One sheet of a workbook: which line is the header, and what every other line is. No line is left without a name."""

from dataclasses import dataclass

import polars as pl

from expectations.columns import canonical_name, normalise_header
from tasks.read.banner import AT, LABELS, ROW, TEXT, Banner, read_banner
from tasks.read.extract import HEADER_MIN_KNOWN, HEADER_SEARCH_LINES
from tasks.read.row_facts import LABEL_ALONE, NIK_DIGITS, row_facts

DATA, REJECT = "data", "tolak"
KK_LABEL = r"(?i)^\s*NO(?:MOR)?[. ]+KK\s*:\s*$"
BLANK, TITLE, ABOVE, AGAIN, NUMBERS = "baris kosong", "judul", "di atas judul", "judul berulang", "nomor kolom"
FAMILY_LINE, BOOK_HEAD, SIGNED, NOTES = "baris KK", "kepala buku", "tanda tangan", "keterangan"
TOTALS, PAGE = "baris jumlah", "nomor halaman"
MAX_LOOSE_CELLS = 3  # signatures, notes and totals fill few cells; residents fill more
# What begins a line of labels, but no resident's: checked in columns that stand left of the name.
LABEL_WORD = r"(?i)^\W*(?:no|nomor)\W*(?:kk|kartu)\b"


@dataclass(frozen=True)
class Header:
    """The header of a sheet.

    ``first``, ``last``: rows from 0; ``names``: column from 1 -> text that means a contract column, or is unknown;
    ``shown``: the same as printed ("PENDIDIKAN / Terakhir"); ``dropped``: headers another one says better.
    """

    first: int
    last: int
    names: dict[int, str]
    shown: dict[int, str]
    dropped: tuple[str, ...] = ()

    def column(self, name: str) -> int:
        """Position of a contract column, 0 when the sheet has none."""
        return next((at for at, text in self.names.items() if canonical_name(text) == name), 0)


@dataclass(frozen=True)
class Lines:
    """What a sheet's rows are.

    ``kinds``: for every row what it is; ``banner``: what lines of labels say, None when there are none;
    ``moved_header``: line of a second header that stands in other columns, 0 when there is none.
    """

    kinds: pl.Series
    banner: Banner | None
    moved_header: int = 0

    def labelled_resident(self, cells: pl.DataFrame) -> int:
        """Number of the first row that is taken for a resident and holds the label of a family's line; 0: none."""
        label = pl.any_horizontal(pl.all().str.contains(KK_LABEL).fill_null(False))  # noqa: FBT003 (a value)
        found = cells.select(label.alias("label"))["label"] & (self.kinds == DATA)
        return int(found.arg_true()[0]) + 1 if found.any() else 0

    @property
    def whole_families(self) -> bool:
        """A book of families, each under its own line."""
        return self.banner is not None and self.banner.families > 0


def find_header(cells: pl.DataFrame) -> Header | None:
    """The header among the first lines: at least three known names, at least one of them no banner label.

    ``cells``: columns "1", "2", ... as text. Two rows count as one header when the second one divides the first
    ("PENDIDIKAN" over "Terakhir"); their texts are read together.
    """
    rows = [[(cell or "").strip() for cell in row] for row in cells.head(HEADER_SEARCH_LINES + 1).iter_rows()]
    positions = [int(name) for name in cells.columns]
    for at, row in enumerate(rows[:HEADER_SEARCH_LINES]):
        known = {canonical_name(cell) for cell in row if cell and ":" not in cell} - {None}
        if len(known) >= HEADER_MIN_KNOWN and known - {*LABELS, "no_urut"}:
            below = rows[at + 1] if at + 1 < len(rows) and _divides(rows[at + 1], row) else None
            names, shown = _read_together(row, below)
            names, dropped = _without_doubles(names)
            return Header(at, at + (below is not None), {positions[i]: text for i, text in names.items()},
                          {positions[i]: shown[i] for i in names}, dropped)  # fmt: skip
    return None


def _divides(below: list[str], above: list[str]) -> bool:
    """A second header row: only words, and at least half of them mean a column, alone or with the group above."""
    filled = [i for i, cell in enumerate(below) if cell]
    if not filled or any(letter.isdigit() or letter == ":" for i in filled for letter in below[i]):
        return False
    names, _ = _read_together(above, below)
    known = [name for i in filled if (name := canonical_name(names[i]))]
    return len(known) * 2 >= len(filled) and bool(set(known) - {*LABELS})


def _read_together(above: list[str], below: list[str] | None) -> tuple[dict[int, str], dict[int, str]]:
    names, shown, group = {}, {}, ""
    for i, own in enumerate(above):
        group = own or group
        part = below[i] if below else ""
        if part:
            together = [f"{group} {part}", f"{part} {group}", part]
            names[i] = next((text for text in together if canonical_name(text)), together[0])
            shown[i] = f"{group} / {part}"
        elif own:
            names[i] = shown[i] = own
    return names, shown


def _without_doubles(names: dict[int, str]) -> tuple[dict[int, str], tuple[str, ...]]:
    """BIP prints both "KTP-eL" (has one or not) and "Stat Rkm" (how far it got): the second says more."""
    if not any(normalise_header(text) == "STATRKM" for text in names.values()):
        return names, ()
    dropped = {i: text for i, text in names.items() if normalise_header(text) == "KTPEL"}
    return {i: text for i, text in names.items() if i not in dropped}, tuple(dropped.values())


def name_lines(cells: pl.DataFrame, header: Header) -> Lines:
    """Says of every row what it is: plain residents at once, all others by what their cells hold."""
    nik, name = str(header.column("nik") or ""), str(header.column("nama_lgkp") or "")
    plain = _plain(cells, header, nik, name)
    numbered = cells.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(ROW))
    odd = numbered.filter(~plain)
    some = odd.filter(pl.any_horizontal(pl.exclude(ROW).is_not_null()))
    filled = some.unpivot(index=ROW, variable_name=AT, value_name=TEXT).filter(pl.col(TEXT).str.strip_chars() != "")
    filled = filled.with_columns(pl.col(AT).cast(pl.Int64)).sort(ROW, AT)
    titles = filled.filter(pl.col(ROW).is_between(header.first, header.last))
    rest = filled.filter(~pl.col(ROW).is_between(header.first, header.last))
    meant = {at: canonical_name(text) or "" for at, text in header.names.items()}
    facts = row_facts(rest, meant, titles)
    unlike_header = rest.join(facts.filter("again").select(ROW), on=ROW, how="anti")
    banner = read_banner(unlike_header, int(nik or 0), facts.filter("member")[ROW])
    facts = facts.join(banner.rows.select(ROW, "opens", "labelled", "leads"), on=ROW, how="left")
    facts = (
        odd.select(ROW)
        .join(facts, on=ROW, how="left")
        .sort(ROW)
        .with_columns(pl.col(pl.Boolean).fill_null(value=False))
    )
    table = numbered.select(ROW).join(facts, on=ROW, how="left").sort(ROW).with_columns(plain.alias("plain"))
    kinds = table.select(_kind(header, families=banner.families > 0).alias("kind"))["kind"]
    moved = facts.filter(pl.col("moved") & (pl.col(ROW) > header.last) & ~pl.col("again"))[ROW]
    found = banner if banner.rows.height else None
    return Lines(_with_signatures(table, kinds), found, int(moved[0]) + 1 if moved.len() else 0)


def _plain(cells: pl.DataFrame, header: Header, nik: str, name: str) -> pl.Series:
    """Rows that look like residents at a glance: digits where the NIK is, letters where the name is, no labels."""
    if not nik or not name:
        return pl.repeat(value=False, n=cells.height, eager=True, dtype=pl.Boolean)
    lead = [column for column in cells.columns if int(column) <= max(int(nik), int(name))]
    # "KEPALA KELUARGA" says what a resident is in the column of SHDK, and is a label in one that means nothing.
    free = [c for c in lead if canonical_name(header.names.get(int(c), "")) in {None, "no_urut"}]
    labelled = pl.any_horizontal(
        *(pl.col(c).str.contains(":", literal=True) | pl.col(c).str.contains(LABEL_WORD) for c in lead),
        *(pl.col(c).str.contains(LABEL_ALONE) for c in free),
    ).fill_null(value=False)
    looks = (pl.col(nik).str.count_matches(r"\d") >= NIK_DIGITS) & pl.col(name).str.contains(r"\p{L}")
    below = pl.int_range(pl.len()) > header.last
    return cells.select((looks.fill_null(value=False) & ~labelled & below).alias("plain"))["plain"]


def _kind(header: Header, *, families: bool) -> pl.Expr:
    above = pl.int_range(pl.len()) < header.first
    few = (pl.col("cells") <= MAX_LOOSE_CELLS) & ~pl.col("nik")
    loose = pl.col("cells") == 1
    leads = (pl.col("leads") | pl.col("headed")) & pl.col(
        "free"
    )  # "RT/RW : | 003/004" with the digits where the NIKs are
    return (
        pl.when("plain").then(pl.lit(DATA))
        .when(pl.int_range(pl.len()).is_between(header.first, header.last)).then(pl.lit(TITLE))
        .when(pl.col("cells").is_null()).then(pl.lit(BLANK))
        .when("again").then(pl.lit(AGAIN))
        .when("numbers").then(pl.lit(NUMBERS))
        .when("opens").then(pl.lit(FAMILY_LINE))
        .when((pl.col("labelled") & ~pl.col("nik")) | leads).then(pl.lit(BOOK_HEAD))
        .when(above & pl.col("long")).then(pl.lit(REJECT))
        .when(above).then(pl.lit(BOOK_HEAD if families else ABOVE))
        .when("person").then(pl.lit(DATA))
        .when(pl.col("book") & few).then(pl.lit(BOOK_HEAD))
        .when(pl.col("total") & few).then(pl.lit(TOTALS))
        .when(pl.col("page") & few).then(pl.lit(PAGE))
        .when(pl.col("note") & few).then(pl.lit(NOTES))
        .when(pl.col("signature") & few).then(pl.lit(SIGNED))
        .when(pl.col("nik") | (pl.col("named") & ~loose)).then(pl.lit(DATA))
        .otherwise(pl.lit(REJECT))
    )  # fmt: skip


def _with_signatures(table: pl.DataFrame, kinds: pl.Series) -> pl.Series:
    """Below "Mengetahui," or "Keterangan:" the next lines of few cells belong to it, names of officials too."""
    lines = table.with_columns(kinds.alias("kind"))
    starts = pl.when(pl.col("kind").is_in([SIGNED, NOTES])).then(pl.col("kind"))
    ends = pl.when(
        ((pl.col("nik") | pl.col("person")) & (pl.col("kind") == DATA)) | pl.col("plain")
        | pl.col("kind").is_in([TITLE, AGAIN, NUMBERS, FAMILY_LINE, BOOK_HEAD])
    ).then(pl.lit(""))  # fmt: skip
    state = pl.coalesce(starts, ends).forward_fill()
    follows = (
        state.is_in([SIGNED, NOTES])
        & pl.col("kind").is_in([DATA, REJECT, TOTALS])
        & (pl.col("cells") <= MAX_LOOSE_CELLS)
        & ~pl.col("person")
    )
    return lines.select(pl.when(follows).then(state).otherwise("kind").alias("kind"))["kind"]
