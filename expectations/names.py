"""How Indonesian names and addresses are written, as data: titles, abbreviations, old spelling, sounds.

Sources: the office's handbook (10) and its lists of titles and of name variants, drawn from real spellings without
the people; the spelling reforms of 1947 (oe -> u) and 1972 (dj -> j, tj -> c, nj -> ny, sj -> sy, j -> y, ch -> kh).
Everything is spelled in A-Z words, as ``tasks.resolve.names`` leaves a value before it looks here: "S.Pd.I" is three
words. Rules with a pattern are regular expressions without look-around and are applied in their order.
"""

# Before the name. ANDI and CUT are left alone: most who bear them bear them as names. R. is Raden (handbook 10).
TITLES_BEFORE: tuple[str, ...] = (
    "H", "HJ", "HAJI", "HAJJAH", "K H", "KH", "KYAI", "KIAI", "NYAI", "UST", "USTAD", "USTADZ",
    "DRS", "DRA", "IR", "DR", "PROF", "DRG", "DRH", "NS", "APT",
    "R", "R A", "RA", "RR", "R R", "R M", "RM", "RADEN", "RADEN MAS", "RADEN RORO", "RADEN AJENG", "K R T", "KRT",
    "TUBAGUS", "TB", "TEUKU", "TENGKU", "I GUSTI", "IDA BAGUS", "IDA AYU", "ANAK AGUNG",
    "NY", "TN", "SDR", "AN", "ALM", "ALMH", "ALMARHUM", "ALMARHUMAH",
)  # fmt: skip

# After the name; each is known with its points or blanks ("S PD") and in one word ("SPD").
TITLES_AFTER: tuple[str, ...] = (
    "S PD", "S PD I", "S AG", "S H", "S H I", "S E", "S T", "S KOM", "S SOS", "S IP", "S KEP", "S KM", "S SI", "S PSI",
    "S TP", "S P", "S HUM", "S FARM", "S PT", "S KED", "S TR", "S ST", "S STP", "A MD", "A MD KEB", "A MA", "A MA PD",
    "M PD", "M PD I", "M SI", "M M", "M H", "M KOM", "M T", "M AG", "M KES", "PH D",
    "MBA", "LC", "ALM", "ALMH", "ALMARHUM", "ALMARHUMAH",
)  # fmt: skip
NOT_IN_ONE_WORD = frozenset({"AMA", "SIP", "SPT", "STR", "SHI"})  # also names or parts of names

DESCENT = ("BIN", "BINTI", "BT", "BTE")  # "child of": dropped between two words, what follows stays

# Word -> the one spelling. M and MD only before other words: see FIRST_WORDS.
FAMILIES: dict[str, tuple[str, ...]] = {
    "MUHAMMAD": (
        "MUHAMAD", "MOHAMMAD", "MOHAMAD", "MOCHAMMAD", "MOCHAMAD", "MUCHAMMAD", "MUCHAMAD", "MUHAMMED", "MOHAMMED",
        "MUHAMMAT", "MUHAMAT", "MOHAMAT", "MOCHAMAT", "MOKHAMAD", "MOKHAMMAD", "MUKHAMAD", "MUKHAMMAD",
        "MUH", "MOH", "MOCH", "MUCH", "MOKH", "MHD", "MUHD", "MOHD", "MUHAM", "MOHAM", "MOCHAM",
    ),
    "AHMAD": ("ACHMAD", "AKHMAD", "AHMAT", "ACHMAT", "AKHMAT", "AHMED", "ACH", "AHM", "ACHM", "AKH"),
    "ABDUL": ("ABD", "ABDOEL", "ABDL", "ABDU", "ABDOL"),
    "SITI": ("SITTI", "SITY", "SITIE"),
}  # fmt: skip
FIRST_WORDS = {"M": "MUHAMMAD", "MD": "MUHAMMAD"}  # as first of several words
BEFORE_OTHERS = {"ST": "SITI"}  # wherever a word follows; as the last word it is Sarjana Teknik

# Letters of other alphabets that Unicode does not take apart.
LETTERS: dict[str, str] = {
    "Đ": "D", "Ð": "D", "Ø": "O", "Ł": "L", "Æ": "AE", "Œ": "OE", "Þ": "TH", "Ħ": "H", "ı": "I",  # noqa: RUF001 (so they are written)
}  # fmt: skip
# In NI'MAH, SYU'AIB: spoken as a stop, written in many ways, or not at all.
APOSTROPHES = "['`\u00b4\u2018\u2019\u201a\u201b\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb\u2032\u2035]"
DIGITS_FOR_LETTERS: tuple[tuple[str, str], ...] = (
    ("([A-Z])0([^0-9]|$)", "${1}O${2}"),
    ("(^|[^A-Z0-9])0([A-Z])", "${1}O${2}"),
    ("([A-Z])1([A-Z])", "${1}I${2}"),
)

# Sounds of a word of two letters and more, in this order; then double letters are single.
SOUNDS: tuple[tuple[str, str], ...] = (
    ("^ABDU([RSZTDNJ])", "ABDUL${1}"),  # ABDURRAHMAN = ABDUL RAHMAN
    ("HOER", "HOIR"),  # KHOERUL is Javanese for KHOIRUL, not old spelling
    ("OE|OO", "U"),
    ("DJ", "J"),
    ("TJ", "C"),
    ("^JA[EI]N", "SEN"),  # JAENAL = ZAENAL
    ("^CHR", "KR"),
    ("^CH(AND|ITR|AHY|INT)", "C${1}"),  # CHANDRA = CANDRA, but CHOIRUL = KHOIRUL
    ("^CAHAY", "CAHY"),
    ("[KC]H|^K([AO]IR|OTIM|[AO]DIJ)", "H${1}"),  # KOTIMAH = KHOTIMAH
    ("I[KQ]IN$", "IHIN"),  # SOLIKIN = SOLICHIN
    ("SH|S[JY]([AEIOU])", "S${1}"),
    ("T[SZ]|DZ|Z", "S"),
    ("TH", "T"),
    ("D[HL]+", "D"),
    ("[FV]|PH", "P"),
    ("Q|CK", "K"),
    ("X", "KS"),
    ("C([^AEIOUYH]|$)", "K${1}"),
    ("IE", "I"),
    ("I*[YJ]+([AEIOU])|I([AEOU])", "J${1}${2}"),  # SETIYAWAN, SETIAWAN, SETYAWAN, SETJAWAN; JUSUF, YUSUF
    ("Y", "I"),
    ("A[IE]|EI|OI", "E"),  # ZAINAL, ZAENAL; HUSEIN, HUSAIN, HUSEN
    ("A[UO]|AW([^AEIOUW])|OU", "O${1}"),
    (r"\BO\B", "A"),  # ROHMAN = RAHMAN, but EKO is not EKA and UTOMO not UTAMA: a last O and A stay apart
    (r"\BE\B", "I"),  # SOLEH = SOLIH; EKA is not IKA
    ("H+([^AEIOUH]|$)", "${1}"),
    ("D+$", "T"),
    ("B+$", "P"),
)
INNER_VOWELS = {"O": "A", "E": "I"}  # the same two rules, for a word that becomes part of another
ENDINGS = ("WATI", "WAN")  # often written as a word of their own: SUSILO WATI

# Addresses and places: word -> the one spelling.
ADDRESS_WORDS: dict[str, str] = {
    **dict.fromkeys(("JALAN", "JLN", "JLAN", "JLL", "JN"), "JL"),
    **dict.fromkeys(("GANG", "GNG"), "GG"),
    **dict.fromkeys(("KAMPUNG", "KMP", "KAMP", "KPG", "KAMPONG"), "KP"),
    **dict.fromkeys(("DUSUN", "DSUN", "DUSN"), "DSN"),
    **dict.fromkeys(("DUKUH", "DKH", "DUKUHAN", "PEDUKUHAN"), "DK"),
    "DESA": "DS", "LORONG": "LR", "LRG": "LR", "BLK": "BLOK", "BLOCK": "BLOK", "BL": "BLOK",
    **dict.fromkeys(("LINGKUNGAN", "LINGK", "LINK", "LING", "LKG"), "LK"),
    **dict.fromkeys(("KELURAHAN", "KELRH", "KLRHN"), "KEL"),
    **dict.fromkeys(("KECAMATAN", "KCMTN", "KECMTN"), "KEC"),
    **dict.fromkeys(("KABUPATEN", "KABUPTEN"), "KAB"),
    **dict.fromkeys(("KOTAMADYA", "KODYA", "KOTIF", "KOTIP", "KODIA", "KTA"), "KOTA"),
    **dict.fromkeys(("PROPINSI", "PROVINSI", "PROP"), "PROV"),
    **dict.fromkeys(("PERUMAHAN", "PRM", "PERUMH", "PRUM"), "PERUM"),
    **dict.fromkeys(("KOMPLEK", "KOMPLEKS", "KOMPL", "KPLK"), "KOMP"),
    **dict(zip(("II", "III", "IV", "VI", "VII", "VIII", "IX"), "2346789", strict=True)),
}  # fmt: skip
NUMBER_WORDS = ("NO", "NOMOR", "NOMER", "NMR", "NOM")  # dropped: the number itself says it
REGION_WORDS = ("KAB", "KOTA", "ADM")
NAMED_CITIES = ("BARU", "BUMI", "AGUNG", "PINANG", "MOBAGU", "WARINGIN", "GAJAH", "TENGAH")  # KOTA is part of these
