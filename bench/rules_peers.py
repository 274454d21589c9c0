"""Row rules as polars expressions (for pandera and dataframely) and as pandas conditions (for GX on pandas).

Each says, by code, which rows VIOLATE the rule; null is no violation. Written for speed in the manner of each tool:
shared words (age, blank-stripped text) are columns worked out once, as in Sinkron and in the hand-written SQL.
"""

# ruff: noqa: PLR2004, E731 (the numbers are the rules' own ages and lengths; named lambdas keep a rule on one line)
from datetime import date
from typing import Any

import pandas as pd
import polars as pl

BLANKS = " \u00a0\t"
EDUCATION = {"3": 10, "4": 12, "5": 15, "6": 17, "7": 19, "8": 20, "9": 22, "10": 24}
TITLE = (
    r"^(HJ?|DRS?|DRA|IR|PROF|K\.?H|HAJI|NY|TN)[. \t\xa0]"
    r"|[, \t\xa0](S\.?PD|S\.?H|S\.?E|S\.?T|S\.?KOM|S\.?SOS|S\.?AG|M\.?M|M\.?SI|A\.?MD)\.?$"
)
FILLER = r"^(N\.?N\.?|X+|TIDAK (TAHU|DIKETAHUI|ADA)|BAYI( NY.*)?|ALM(ARHUM)?|TES(T|TING)?|\?+|NO ?NAME)$"
SHORTENED = r"(^|[ \t\xa0])([A-Z]|MUH|MOH|MOCH|MHD|ABD)\.?([ \t\xa0]|$)"
SYMBOL, PUNCTUATION, SIXTEEN = "[^A-Z .,'`\u00a0/()-]", "[.,/()'`;:_-]", "^[0-9]{16}$"
TEXTS = ("nik", "no_kk", "nik_ktpel", "nama_lgkp", "tgl_lhr_raw", "nama_lgkp_ibu", "nama_lgkp_ayah", "nik_ibu",
         "nik_ayah", "alamat", "no_akta_kwn", "no_akta_crai", "ektp_status")  # fmt: skip
CODES = {"KOD-01": ("jenis_klmin", 2), "KOD-02": ("agama", 7), "KOD-03": ("gol_drh", 13), "KOD-04": ("stat_hbkel", 11),
         "KOD-05": ("pddk_akh", 10), "KOD-07": ("stat_kwn", 4)}  # fmt: skip
COLUMNS = ("row_id", *TEXTS, "tgl_lhr", "tgl_entri", "tgl_ubah", "tgl_kwn", "tgl_crai", "jenis_klmin", "agama",
           "gol_drh", "stat_hbkel", "pddk_akh", "stat_kwn", "jenis_pkrjn", "no_prop", "no_kab")  # fmt: skip


def polars_words(as_of: date) -> list[pl.Expr]:
    """Columns the polars rules share: nz_*, age."""
    born = pl.col("tgl_lhr")
    day = pl.lit(as_of)
    before = born.dt.month().cast(pl.Int32) * 100 + born.dt.day() > as_of.month * 100 + as_of.day
    stripped = (pl.col(c).str.strip_chars(BLANKS) for c in TEXTS)
    words = [pl.when(~s.is_in(["", "-"])).then(s).alias(f"nz_{c}") for c, s in zip(TEXTS, stripped, strict=True)]
    return [*words, (day.dt.year() - born.dt.year() - before.cast(pl.Int32)).alias("age")]


def polars_rules(as_of: date) -> dict[str, pl.Expr]:
    """Code -> expression over the table with ``polars_words``."""
    c, nz = pl.col, lambda name: pl.col(f"nz_{name}")
    name, upper, age, nik, no_kk = c("nama_lgkp"), nz("nama_lgkp").str.to_uppercase(), c("age"), c("nik"), c("no_kk")
    empty_date = c("tgl_lhr").is_null() & c("tgl_lhr_raw").str.contains("0000|^00")
    unrecorded = nz("ektp_status").fill_null("BELUM REKAM") == "BELUM REKAM"
    least = c("pddk_akh").replace_strict(EDUCATION, default=0, return_dtype=pl.Int32)
    nik_16, kk_16 = nik.str.contains(SIXTEEN), no_kk.str.contains(SIXTEEN)
    married, service = c("stat_kwn").is_in(["2", "3", "4"]), c("jenis_pkrjn").is_in(["5", "6", "7"])
    rules = {
        "NIK-01": nz("nik").is_null() | (nz("nik") == "0"),
        "NIK-05": nik_16 & nik.str.ends_with("0000"),
        "NIK-07": nik_16 & ~nik.str.starts_with("0") & nik.str.contains("^(..00|....00)"),
        "NIK-11": nik_16 & nik.str.starts_with("0"),
        "NIK-12": nz("nik").is_not_null() & (nz("nik") != "0") & (nik == no_kk),
        "NIK-14": nz("nik_ktpel").is_not_null() & (nz("nik_ktpel") != "0") & nz("nik_ktpel").ne_missing(nz("nik")),
        "KK-01": nz("no_kk").is_null() | (nz("no_kk") == "0"),
        "KK-02": nz("no_kk").is_not_null() & (nz("no_kk") != "0") & ~nz("no_kk").str.contains(SIXTEEN),
        "KK-03": kk_16 & no_kk.str.ends_with("0000"),
        "KK-04": kk_16 & ~no_kk.str.starts_with("3576"),
        "WIL-01": (c("no_prop") + c("no_kab")) != "3576",
        "ALM-01": nz("alamat").is_null(),
        "KEL-06": (c("stat_hbkel") == "1") & (age < 17) & (c("stat_kwn").fill_null("1") == "1"),
        "HUB-01": (c("stat_hbkel") == "3") & (c("jenis_klmin") == "1"),
        "HUB-02": (c("stat_hbkel") == "2") & (c("jenis_klmin") == "2"),
        "HUB-03": c("stat_hbkel").is_in(["2", "3"]) & c("stat_kwn").is_in(["1", "3", "4"]),
        "HUB-12": nz("nama_lgkp_ibu").is_null() | nz("nama_lgkp_ayah").is_null(),
        "HUB-13": (c("stat_hbkel") == "4") & (nz("nik_ibu").is_null() | nz("nik_ayah").is_null()),
        "NAM-01": nz("nama_lgkp").is_null(),
        "NAM-02": upper.str.contains(SYMBOL),
        "NAM-04": nz("nama_lgkp").str.contains(PUNCTUATION),
        "NAM-05": upper.str.contains(TITLE),
        "NAM-06": name.str.len_chars() > 60,
        "NAM-07": ~nz("nama_lgkp").str.contains(r"[ \t\xa0]") & (c("tgl_entri") >= date(2022, 4, 21)),
        "NAM-08": upper.str.contains(SHORTENED),
        "NAM-09": upper.str.contains(FILLER),
        "TGL-01": nz("tgl_lhr_raw").is_null() | empty_date,
        "TGL-02": nz("tgl_lhr_raw").is_not_null() & ~empty_date & c("tgl_lhr").is_null(),
        "TGL-03": c("tgl_lhr") > as_of,
        "TGL-04": age > 120,
        "TGL-05": age.is_between(100, 120),
        "TGL-07": c("tgl_entri") < c("tgl_lhr"),
        "KWN-01": married & age.is_between(15, 18),
        "KWN-02": married & (age < 15),
        "KWN-03": (c("stat_kwn") == "1") & (nz("no_akta_kwn").is_not_null() | c("tgl_kwn").is_not_null()),
        "KWN-04": (c("stat_kwn") == "2") & nz("no_akta_kwn").is_null(),
        "KWN-05": (c("stat_kwn") == "3") & nz("no_akta_crai").is_null(),
        "KWN-07": c("tgl_crai") < c("tgl_kwn"),
        "PDK-01": age < least,
        "PKJ-01": (age < 15) & ~c("jenis_pkrjn").is_in(["1", "3"]),
        "PKJ-02": (c("jenis_pkrjn") == "3") & (age > 40),
        "PKJ-03": (c("jenis_pkrjn") == "4") & (age < 40),
        "PKJ-04": service & ~age.is_between(18, 65),
        "HDP-03": (age > 23) & unrecorded,
    }
    codes = {code: ~c(column).fill_null("").is_in([str(n + 1) for n in range(many)])
             for code, (column, many) in CODES.items()}  # fmt: skip
    return {_full(code): rule.fill_null(value=False) for code, rule in (rules | codes).items()}


def pandas_words(frame: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The frame with the columns the pandas rules share: nz_*, age. Dates are datetime64, texts as given."""
    for column in TEXTS:
        stripped = frame[column].str.strip(BLANKS)
        frame[f"nz_{column}"] = stripped.mask(stripped.isin(["", "-"]))
    born = frame["tgl_lhr"].dt
    before = born.month * 100 + born.day > as_of.month * 100 + as_of.day
    frame["age"] = as_of.year - born.year - before
    return frame


def pandas_rules(as_of: date) -> dict[str, Any]:
    """Code -> function of the frame with ``pandas_words``, giving a boolean series."""
    day = pd.Timestamp(as_of)
    blank = lambda f, c: f[f"nz_{c}"].isna()
    ident = lambda f, c: f[f"nz_{c}"].notna() & f[f"nz_{c}"].ne("0")
    like = lambda f, c, p: f[c].str.contains(p, regex=True, na=False)
    upper = lambda f, p: f["nz_nama_lgkp"].str.upper().str.contains(p, regex=True, na=False)
    one_of = lambda f, c, *v: f[c].isin(v)
    empty = lambda f: f["tgl_lhr"].isna() & like(f, "tgl_lhr_raw", "0000|^00")
    rules = {
        "NIK-01": lambda f: ~ident(f, "nik"),
        "NIK-05": lambda f: like(f, "nik", r"^[0-9]{12}0000$"),
        "NIK-07": lambda f: like(f, "nik", r"^(?!0)(?:..00|....00)") & like(f, "nik", SIXTEEN),
        "NIK-11": lambda f: like(f, "nik", r"^0[0-9]{15}$"),
        "NIK-12": lambda f: ident(f, "nik") & f["nik"].eq(f["no_kk"]).fillna(value=False),
        "NIK-14": lambda f: ident(f, "nik_ktpel") & (blank(f, "nik") | f["nz_nik_ktpel"].ne(f["nz_nik"])),
        "KK-01": lambda f: ~ident(f, "no_kk"),
        "KK-02": lambda f: ident(f, "no_kk") & ~like(f, "nz_no_kk", SIXTEEN),
        "KK-03": lambda f: like(f, "no_kk", r"^[0-9]{12}0000$"),
        "KK-04": lambda f: like(f, "no_kk", r"^(?!3576)[0-9]{16}$"),
        "WIL-01": lambda f: (f["no_prop"] + f["no_kab"]).pipe(lambda s: s.notna() & s.ne("3576")),
        "ALM-01": lambda f: blank(f, "alamat"),
        "KEL-06": lambda f: f["stat_hbkel"].eq("1") & (f["age"] < 17) & f["stat_kwn"].fillna("1").eq("1"),
        "HUB-01": lambda f: f["stat_hbkel"].eq("3") & f["jenis_klmin"].eq("1"),
        "HUB-02": lambda f: f["stat_hbkel"].eq("2") & f["jenis_klmin"].eq("2"),
        "HUB-03": lambda f: one_of(f, "stat_hbkel", "2", "3") & one_of(f, "stat_kwn", "1", "3", "4"),
        "HUB-12": lambda f: blank(f, "nama_lgkp_ibu") | blank(f, "nama_lgkp_ayah"),
        "HUB-13": lambda f: f["stat_hbkel"].eq("4") & (blank(f, "nik_ibu") | blank(f, "nik_ayah")),
        "NAM-01": lambda f: blank(f, "nama_lgkp"),
        "NAM-02": lambda f: upper(f, SYMBOL),
        "NAM-04": lambda f: like(f, "nz_nama_lgkp", PUNCTUATION),
        "NAM-05": lambda f: upper(f, TITLE.replace("(", "(?:")),
        "NAM-06": lambda f: f["nama_lgkp"].str.len() > 60,
        "NAM-07": lambda f: (
            ~blank(f, "nama_lgkp")
            & ~like(f, "nz_nama_lgkp", r"[ \t\xa0]")
            & (f["tgl_entri"] >= pd.Timestamp(2022, 4, 21))
        ),
        "NAM-08": lambda f: upper(f, SHORTENED.replace("(", "(?:")),
        "NAM-09": lambda f: upper(f, FILLER.replace("(", "(?:")),
        "TGL-01": lambda f: blank(f, "tgl_lhr_raw") | empty(f),
        "TGL-02": lambda f: ~blank(f, "tgl_lhr_raw") & ~empty(f) & f["tgl_lhr"].isna(),
        "TGL-03": lambda f: f["tgl_lhr"] > day,
        "TGL-04": lambda f: f["age"] > 120,
        "TGL-05": lambda f: f["age"].between(100, 120),
        "TGL-07": lambda f: f["tgl_entri"] < f["tgl_lhr"],
        "KWN-01": lambda f: one_of(f, "stat_kwn", "2", "3", "4") & f["age"].between(15, 18),
        "KWN-02": lambda f: one_of(f, "stat_kwn", "2", "3", "4") & (f["age"] < 15),
        "KWN-03": lambda f: f["stat_kwn"].eq("1") & (~blank(f, "no_akta_kwn") | f["tgl_kwn"].notna()),
        "KWN-04": lambda f: f["stat_kwn"].eq("2") & blank(f, "no_akta_kwn"),
        "KWN-05": lambda f: f["stat_kwn"].eq("3") & blank(f, "no_akta_crai"),
        "KWN-07": lambda f: f["tgl_crai"] < f["tgl_kwn"],
        "PDK-01": lambda f: f["age"] < f["pddk_akh"].map(EDUCATION).fillna(0),
        "PKJ-01": lambda f: (f["age"] < 15) & f["jenis_pkrjn"].notna() & ~one_of(f, "jenis_pkrjn", "1", "3"),
        "PKJ-02": lambda f: f["jenis_pkrjn"].eq("3") & (f["age"] > 40),
        "PKJ-03": lambda f: f["jenis_pkrjn"].eq("4") & (f["age"] < 40),
        "PKJ-04": lambda f: one_of(f, "jenis_pkrjn", "5", "6", "7") & ((f["age"] < 18) | (f["age"] > 65)),
        "HDP-03": lambda f: (f["age"] > 23) & f["nz_ektp_status"].fillna("BELUM REKAM").eq("BELUM REKAM"),
    }
    codes = {code: lambda f, c=column, m=many: ~f[c].isin([str(n + 1) for n in range(m)])
             for code, (column, many) in CODES.items()}  # fmt: skip
    return {_full(code): rule for code, rule in (rules | codes).items()}


def _full(code: str) -> str:
    return f"ANM-{code}"
