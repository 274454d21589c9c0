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
SPLIT = r"(?s)^\s*([^:]{1,40}?)\s*:\s*(.*?)\s*$"
ADDRESS = r"(?i)\b(?:RT|RW|JL|JLN|JALAN|DSN|DUSUN|GG|GANG|PERUM|LINGK|LINGKUNGAN|BLOK|DESA|KAMPUNG|KP)\b"
BOTH = r"(?i)\bRT\s*/\s*RW\b"
PAIR = r"(?i)\bRT\s*/\s*RW\s*[:.]?\s*(\d{1,3})?\s*/\s*(\d{1,3})?"
ROW, AT, TEXT = "row", "at", "text"


@dataclass(frozen=True)
class Banner:
    """What the lines of labels say.

    ``rows``: row, opens (a family begins), labelled (always true), and one column per label; ``labels``: label -> text
    as printed.
    """

    rows: pl.DataFrame
    labels: dict[str, str]

    @property
    def families(self) -> int:
        """How many family lines there are."""
        return int(self.rows["opens"].sum())


def read_banner(cells: pl.DataFrame, nik_at: int) -> Banner:
    """Finds the lines of labels.

    ``cells``: row, at, text of the filled cells of rows that are no plain residents; ``nik_at``: the column of NIKs,
    which tells a family's line from a resident's when values stand below labels.
    """
    tokens = _tokens(cells)
    below, labels = _values_below(tokens, nik_at)
    beside = tokens.filter(pl.col("label").is_not_null()).join(below.select(ROW).unique(), on=ROW, how="anti")
    heads = beside.filter(pl.col("label").is_in(LABELS))
    printed: dict[str, str] = dict(heads.unique("label", keep="first").sort(ROW).select("label", "shown").iter_rows())
    loose = _address_without_label(tokens, heads)
    values = pl.concat([heads.select(ROW, "label", "value"), below, loose], how="vertical")
    opening = pl.concat([
        heads.filter((pl.col("label") == "no_kk") & ~pl.col(ROW).is_in(labels.implode())).select(ROW),
        below.filter(pl.col("label") == "no_kk").select(ROW),
    ])[ROW]  # fmt: skip
    rows = (
        values.group_by(ROW)
        .agg(pl.col("value").filter(pl.col("label") == label).drop_nulls().first().alias(label) for label in LABELS)
        .with_columns(pl.col(ROW).is_in(opening.implode()).alias("opens"), pl.lit(value=True).alias("labelled"))
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
    return split.with_columns(
        pl.when(enough).then(pl.col("label")).alias("label"), (pl.col("takes_next") & enough).alias("takes_next")
    )


def _label(text: str) -> str | None:
    if normalise_header(text) in RT_RW:
        return "rt_rw"
    name = canonical_name(text)
    return name if name in LABELS else None


def _values_below(tokens: pl.DataFrame, nik_at: int) -> tuple[pl.DataFrame, pl.Series]:
    """(row, label, value of lines whose values stand under labels; rows of those labels).

    Some prints give the labels once a page and then, per family, a line with the number under its label.
    """
    nothing = pl.DataFrame(schema={ROW: tokens.schema[ROW], "label": pl.String, "value": pl.String})
    bare = tokens.filter((pl.col("label") == "no_kk") & pl.col("value").is_null())[ROW]
    if bare.is_empty():
        return nothing, bare
    titles = tokens.filter((pl.col(ROW) == bare[0]) & pl.col("label").is_in(FAMILY)).select(
        AT, pl.col("label").alias("under")
    )
    at_kk = titles.filter(pl.col("under") == "no_kk")[AT][0]
    digits = pl.col("whole").str.count_matches(r"\d")
    with_nik = tokens.filter((pl.col(AT) == nik_at) & (digits >= KK_DIGITS) & (nik_at != at_kk))[ROW]
    lines = tokens.filter(
        (pl.col(AT) == at_kk)
        & (digits >= KK_DIGITS)
        & pl.col("label").is_null()
        & ~pl.col(ROW).is_in(with_nik.implode())
    )[ROW]
    follows = bare.filter((bare + 1).is_in(lines.implode()))
    if follows.is_empty():
        return nothing, follows
    found = (
        tokens.filter(pl.col(ROW).is_in(lines.implode()))
        .join(titles, on=AT)
        .select(ROW, pl.col("under").alias("label"), pl.col("whole").alias("value"))
    )
    return found, bare


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
    address gets none from the family before it.
    """
    rows = pl.DataFrame({ROW: pl.int_range(len(kinds), dtype=pl.Int64, eager=True), "kind": kinds})
    rows = rows.join(banner.rows, on=ROW, how="left").sort(ROW).with_columns(pl.col("opens").fill_null(value=False))
    banners = pl.col("kind").is_in(["baris KK", "kepala buku"])
    solid = rows.filter(pl.col("kind") != "baris kosong").with_columns(banners.alias("banner"))
    starts = pl.col("banner") & ~pl.col("banner").shift(1, fill_value=False)
    again = pl.col("opens") & (pl.col("opens").cast(pl.Int32).cum_sum().over("run") > 1)
    solid = solid.with_columns(starts.cum_sum().alias("run")).with_columns((starts | again).cum_sum().alias("block"))
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
