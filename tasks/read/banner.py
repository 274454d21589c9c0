"""Lines of labels in a workbook ("KECAMATAN : KRANGGAN", "No. KK : ..."): what they say goes to the rows below.

A book of residents (BIP) prints family number, head and address once above each family. Labels are known by
``canonical_name``; a value stands in the label's own cell, in the next filled cell, or (some prints) one line below.
"""

from dataclasses import dataclass

import polars as pl

from expectations.columns import canonical_name, normalise_header

FAMILY = ("no_kk", "nama_kep", "alamat", "dusun", "no_rt", "no_rw", "rt_rw", "kode_pos")
REGION = ("prop_name", "kab_name", "kec_name", "kel_name", "no_prop", "no_kab", "no_kec", "no_kel")
LABELS = (*FAMILY, *REGION)
OTHER = "?"  # a label that we do not know
RT_RW = {"RTRW", "NORTRW"}
KK_DIGITS = 10  # a family number, whole or cut; no running number is so long
WORD, LONG = r"\p{L}{2,}", rf"\d{{{KK_DIGITS},}}"
SPLIT = r"(?s)^\s*([^:]{1,40}?)\s*:\s*(.*?)\s*$"
ADDRESS = r"(?i)\b(?:RT|RW|JL|JLN|JALAN|DSN|DUSUN|GG|GANG|PERUM|LINGK|LINGKUNGAN|BLOK|DESA|KAMPUNG|KP)\b"
BOTH = r"(?i)\bRT\s*/\s*RW\b"
PAIR = r"(?i)\bRT\s*/\s*RW\s*[:.]?\s*(\d{1,3})?\s*/\s*(\d{1,3})?"
ROW, AT, TEXT = "row", "at", "text"


@dataclass(frozen=True)
class Banner:
    """What the lines of labels say.

    ``rows``: row, opens (a family begins), labelled (always true), of_family (a label of families stands there, with
    or without a value), leads (its first cell is a label), and one column per label; ``labels``: label -> text as
    printed.
    """

    rows: pl.DataFrame
    labels: dict[str, str]

    @property
    def families(self) -> int:
        """How many family lines there are."""
        return int(self.rows["opens"].sum())


def read_banner(cells: pl.DataFrame, nik_at: int, members: pl.Series) -> Banner:
    """Finds the lines of labels.

    ``cells``: row, at, text of the filled cells of rows that are no plain residents; ``nik_at``: the column of NIKs,
    ``members``: rows with a sex or a birth date, which tell a resident's line from a family's when values stand below
    labels.
    """
    tokens = _tokens(cells)
    below, labels = _values_below(tokens, nik_at, members)
    beside = tokens.filter(pl.col("label").is_not_null()).join(below.select(ROW).unique(), on=ROW, how="anti")
    heads = beside.filter(pl.col("label").is_in(LABELS))
    printed: dict[str, str] = dict(heads.unique("label", keep="first").sort(ROW).select("label", "shown").iter_rows())
    loose = _address_without_label(tokens, heads)
    values = pl.concat([heads.select(ROW, "label", "value"), below, loose], how="vertical")
    opening = pl.concat([
        heads.filter((pl.col("label") == "no_kk") & ~pl.col(ROW).is_in(labels.implode())).select(ROW),
        below.select(ROW),
    ])[ROW]  # fmt: skip
    of_family = values.filter(pl.col("label").is_in(FAMILY))[ROW].unique()
    leads = tokens.group_by(ROW).first().filter(pl.col("label").is_in(LABELS))[ROW]
    rows = (
        values.group_by(ROW)
        .agg(pl.col("value").filter(pl.col("label") == label).drop_nulls().first().alias(label) for label in LABELS)
        .with_columns(
            pl.col(ROW).is_in(opening.implode()).alias("opens"),
            pl.col(ROW).is_in(of_family.implode()).alias("of_family"),
            pl.col(ROW).is_in(leads.implode()).alias("leads"),
            pl.lit(value=True).alias("labelled"),
        )
        .sort(ROW)
    )
    if loose.height:
        printed.setdefault("alamat", "alamat tanpa label pada baris KK")
    return Banner(rows, printed)


def _tokens(cells: pl.DataFrame) -> pl.DataFrame:
    """Filled cells with ``label`` (null: none), ``shown`` and the label's ``value`` in its own or the next cell."""
    split = cells.filter(~pl.col(TEXT).str.contains(r"^[\s:]*$")).with_columns(
        pl.col(TEXT).str.extract(SPLIT, 1).alias("head"),
        pl.col(TEXT).str.extract(SPLIT, 2).alias("rest"),
        pl.col(TEXT).str.strip_chars().alias("whole"),
    )
    known = {text: _label(text) for text in pl.concat([split["head"], split["whole"]]).drop_nulls().unique()}
    known = {text: label for text, label in known.items() if label}
    lookup = pl.DataFrame({"k": list(known), "v": list(known.values())}, schema={"k": pl.String, "v": pl.String})
    split = split.join(lookup.rename({"k": "head", "v": "by_head"}), on="head", how="left")
    split = split.join(lookup.rename({"k": "whole", "v": "by_whole"}), on="whole", how="left").sort(ROW, AT)
    first_is_label = (pl.col("by_head").is_not_null() | pl.col("by_whole").is_not_null()).first().over(ROW)
    alone = pl.when(first_is_label).then(pl.col("by_whole"))
    strange = pl.when(pl.col(TEXT).str.contains(r":\s*$")).then(pl.lit(OTHER))
    split = split.with_columns(pl.coalesce("by_head", alone, strange).alias("label"))
    after, after_label = pl.col("whole").shift(-1).over(ROW), pl.col("label").shift(-1).over(ROW)
    beside = pl.when(after_label.is_null()).then(after.str.strip_prefix(":").str.strip_chars())
    own = pl.when(pl.col("rest") != "").then(pl.col("rest"))
    split = split.with_columns(
        pl.when(pl.col("label").is_not_null()).then(pl.coalesce(own, beside)).alias("value"),
        (own.is_null() & beside.is_not_null() & pl.col("label").is_not_null()).alias("takes_next"),
        pl.when(own.is_not_null()).then(pl.col("head") + " :").otherwise(pl.col("whole")).alias("shown"),
    )
    # A resident without NIK whose address reads "RT : 003" is no line of labels: labels and values must be half of it.
    covered = pl.col("label").is_not_null().sum() + pl.col("takes_next").sum()
    enough = (covered * 2 >= pl.len()).over(ROW)
    # "No. KK :" with nothing behind it takes no neighbour's words for a number.
    wordy = (pl.col("label") == "no_kk") & pl.col("value").str.contains(WORD) & ~pl.col("value").str.contains(LONG)
    wordy = wordy.fill_null(value=False)
    return split.with_columns(
        pl.when(enough).then(pl.col("label")).alias("label"),
        pl.when(~wordy).then(pl.col("value")).alias("value"),
        (pl.col("takes_next") & enough & ~wordy).alias("takes_next"),
    )


def _label(text: str) -> str | None:
    if normalise_header(text) in RT_RW:
        return "rt_rw"
    name = canonical_name(text)
    return name if name in LABELS else None


def _values_below(tokens: pl.DataFrame, nik_at: int, members: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """(row, label, value of lines whose values stand under labels; rows of those labels).

    Some prints give the labels once a page and then, per family, a line with the number under its label. A book that
    prints a number beside a label is none of them: there, digits under a label are a resident's NIK.
    """
    nothing = pl.DataFrame(schema={ROW: tokens.schema[ROW], "label": pl.String, "value": pl.String})
    labels = tokens.filter(pl.col("label") == "no_kk")
    bare = labels.filter(pl.col("value").is_null())[ROW]
    if bare.is_empty() or len(bare) < labels.height:
        return nothing, bare.clear()
    labels = tokens.filter((pl.col(ROW) == bare[0]) & pl.col("label").is_not_null())
    titles = labels.filter(pl.col("label").is_in(FAMILY)).select(AT, pl.col("label").alias("under"))
    at_kk = titles.filter(pl.col("under") == "no_kk")[AT][0]
    lines = _lines_below(tokens.filter(~pl.col(ROW).is_in(members.implode())), labels[AT], bare, (at_kk, nik_at))
    if not bare.is_in((lines - 1).implode()).any():
        return nothing, bare.clear()
    found = (
        tokens.filter(pl.col(ROW).is_in(lines.implode()))
        .join(titles, on=AT)
        .select(ROW, pl.col("under").alias("label"), pl.col("whole").alias("value"))
    )
    return found, bare


def _lines_below(tokens: pl.DataFrame, at: pl.Series, bare: pl.Series, places: tuple[int, int]) -> pl.Series:
    """Rows of families' lines: digits under the label of family numbers (``places``: its column, the NIKs' column).

    ``at``: the columns of labels; ``bare``: the rows of labels. The line below labels that fits them but has no number
    is a family, too, once others have one: its members are not those of the family before.
    """
    at_kk, nik_at = places
    long = pl.col("whole").str.count_matches(r"\d") >= KK_DIGITS
    follows, fits = (pl.col(ROW) - 1).is_in(bare.implode()), pl.col(AT).is_in(at.implode())
    # A NIK and a family number look the same: under one label only a line that fits the labels above it is a family's.
    stray = tokens.filter(~fits | ~follows if nik_at == at_kk else (pl.col(AT) == nik_at) & long)[ROW]
    numbered = tokens.filter(
        (pl.col(AT) == at_kk) & long & pl.col("label").is_null() & ~pl.col(ROW).is_in(stray.implode())
    )[ROW]
    if not bare.is_in((numbered - 1).implode()).any():
        return numbered
    whole = (fits & pl.col("label").is_null() & ~long).all() & (pl.len() > 1)
    others = tokens.filter(follows).group_by(ROW).agg(whole.alias("whole")).filter("whole")[ROW]
    return pl.concat([numbered, others])


def _address_without_label(tokens: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """The address of family lines that print it without a label: the cell that reads like one, else the last."""
    lines = heads.filter(pl.col("label") == "no_kk")[ROW]
    named = heads.filter(pl.col("label") == "nama_kep")[ROW]
    labelled = heads.filter(pl.col("label") == "alamat")[ROW]
    taken = pl.col("takes_next").shift(1, fill_value=False).over(ROW)
    free = tokens.with_columns(taken.alias("taken")).filter(
        pl.col(ROW).is_in(lines.implode()) & ~pl.col(ROW).is_in(labelled.implode()) & pl.col("label").is_null()
        & ~pl.col("taken") & pl.col("whole").str.contains(r"\p{L}")
    )  # fmt: skip
    like = free.with_columns(pl.col("whole").str.contains(ADDRESS).alias("like"))
    like = like.filter(pl.col("like") | pl.col(ROW).is_in(named.implode())).sort(ROW, "like", AT)
    return like.group_by(ROW, maintain_order=True).agg(
        pl.lit("alamat").first().alias("label"), pl.col("whole").last().alias("value")
    )


def spread(banner: Banner, kinds: pl.Series) -> pl.DataFrame:
    """For every row of the sheet (``kinds``: name of its layout line or kind) what the banner above it says.

    A family's line counts until the next one, whatever page headings stand between; a family without number or
    address gets none from the family before it. What is said of it stands in its first line and in the lines of its
    labels that follow at once: an address in a page's heading is the office's.
    """
    rows = pl.DataFrame({ROW: pl.int_range(len(kinds), dtype=pl.Int64, eager=True), "kind": kinds})
    rows = (
        rows.join(banner.rows, on=ROW, how="left")
        .sort(ROW)
        .with_columns(pl.col("opens", "of_family").fill_null(value=False))
    )
    banners = pl.col("kind").is_in(["baris KK", "kepala buku"])
    solid = rows.filter(pl.col("kind") != "baris kosong").with_columns(banners.alias("banner"))
    starts = pl.col("banner") & ~pl.col("banner").shift(1, fill_value=False)
    heading = pl.col("banner") & ~pl.col("opens") & ~pl.col("of_family")
    solid = solid.with_columns((starts | pl.col("opens") | heading).cum_sum().alias("block"))
    families = (
        solid.filter("banner").group_by("block").agg(pl.col("opens").any(), pl.col(*FAMILY).drop_nulls().first())
        .filter("opens").drop("opens").with_columns(pl.col("block").alias("family"))
    )  # fmt: skip
    known = solid.select(ROW, "block").join(families.select("block", "family"), on="block", how="left")
    placed = rows.select(ROW, *REGION).join(known.select(ROW, "family"), on=ROW, how="left").sort(ROW)
    placed = placed.with_columns(pl.col("family", *REGION).forward_fill())
    pair = pl.col("rt_rw").str.extract(r"(\d{1,3})\s*/", 1), pl.col("rt_rw").str.extract(r"/\s*(\d{1,3})", 1)
    return placed.join(families.drop("block"), on="family", how="left").sort(ROW).with_columns(
        pl.coalesce("no_rt", pair[0]).alias("no_rt"), pl.coalesce("no_rw", pair[1]).alias("no_rw")
    )  # fmt: skip


def rt_of(address: pl.Expr) -> pl.Expr:
    """RT written in an address: "DSN KRAJAN RT 003 RW 006", "RT:001", "RT/RW : 002/000"."""
    alone = pl.when(~address.str.contains(BOTH)).then(address.str.extract(r"(?i)\bRT\W{0,3}(\d{1,3})\b", 1))
    return pl.coalesce(address.str.extract(PAIR, 1), alone)


def rw_of(address: pl.Expr) -> pl.Expr:
    """RW written in an address."""
    alone = pl.when(~address.str.contains(BOTH)).then(address.str.extract(r"(?i)\bRW\W{0,3}(\d{1,3})\b", 1))
    return pl.coalesce(address.str.extract(PAIR, 2), alone)
