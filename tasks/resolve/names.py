"""Cleaning of names and addresses before they are compared (Christen 2012, Data Matching, ch. 3: pre-processing).

Spellings are judged once per distinct word, with the rules of ``expectations.names`` (handbook 10).
"""

import polars as pl

from expectations import names
from tasks.resolve.runs import Runs, runs_of, trimmed

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DOUBLED = {letter * 2: letter for letter in _ALPHABET}
_TITLES_AFTER = frozenset(names.TITLES_AFTER) | (
    {title.replace(" ", "") for title in names.TITLES_AFTER} - names.NOT_IN_ONE_WORD
)


def clean_names(raw: pl.Series) -> pl.DataFrame:
    """Cleans person names: ``raw`` String, distinct values, nulls allowed; one line per value, in the same order.

    ``clean`` String: A-Z words with single blanks, without titles, degrees and BIN/BINTI, the families of MUHAMMAD,
    AHMAD, ABDUL and SITI in full, accents folded, 0 beside a letter read as O. ``tokens`` List[String]: its words as
    they sound, in their order; an initial stays one letter. ``sound`` String: the whole name as it sounds, run
    together (NUR HAYATI = NURHAYATI). ``bag`` String: the tokens sorted, so that the order of words does not matter.
    All four are null where no letter A-Z is left ("-", "0", blank). A name made of titles alone keeps one of them.
    """
    runs = _in_full(_without_titles(runs_of(raw, _letters)))
    sounds = phonetic(runs.words)
    frame = pl.DataFrame({
        "clean": runs.lists(runs.words).list.join(" "),
        "tokens": runs.lists(sounds),
        "sound": _run_together(runs, sounds),
        "bag": _sorted(runs, sounds),
    })  # fmt: skip
    return frame.with_columns(pl.when(pl.col("clean") != "").then(pl.all()))


def clean_words(raw: pl.Series) -> pl.Series:
    """Cleans addresses and places: ``raw`` String, distinct values, nulls allowed; String, aligned, null when empty.

    Words of A-Z and numbers with single blanks: one spelling for JALAN, GANG, DUSUN ... (``names.ADDRESS_WORDS``),
    numbers without leading zeros and apart from letters ("RT003/RW01" = "RT 3 RW 1" = "RT/RW 3/1"), without NO, and
    without KAB or KOTA at either end of a value ("KAB. MOJOKERTO" = "MOJOKERTO"; KOTA BARU stays).
    """
    import numpy as np

    runs = runs_of(raw, _letters_and_numbers)
    runs = runs.kept(~runs.among(names.NUMBER_WORDS))
    runs = _paired_numbers(runs.respelled([runs.words.replace(names.ADDRESS_WORDS)], np.zeros(1, np.int32)))
    named = runs.among(["KOTA"]) & ~runs.at_end(first=False)
    named[:-1] &= runs.among(names.NAMED_CITIES)[1:]
    for front in (True, False):
        runs = trimmed(runs, names.REGION_WORDS, front=front, guard=named if front else None)
    return runs.lists(runs.words).list.join(" ").replace("", None).alias(raw.name)


def phonetic(words: pl.Series) -> pl.Series:
    """The sound of each A-Z word (``names.SOUNDS``); a single letter, or what has no other sound, stays as it is."""
    sound = words
    for pattern, spoken in names.SOUNDS:
        sound = sound.str.replace_all(pattern, spoken)
    while sound.str.contains("|".join(_DOUBLED)).any():
        sound = sound.str.replace_many(_DOUBLED)
    return words.zip_with((words.str.len_bytes() < 2) | (sound == ""), sound)  # noqa: PLR2004 (a letter)


def _letters(pieces: pl.Series) -> pl.Series:
    """A-Z words; any other sign parts words, but apostrophes and marks vanish and 0 and 1 may stand for letters."""
    text = _upper(pieces)
    odd = text.str.contains("[^A-Z]")
    if not odd.any():
        return text
    fixed = text.set(~odd, None)
    for pattern, letter in names.DIGITS_FOR_LETTERS:
        fixed = fixed.str.replace_all(pattern, letter)
    return text.zip_with(~odd, fixed.str.replace_all("[^A-Z]+", " ").str.strip_chars(" "))


def _letters_and_numbers(pieces: pl.Series) -> pl.Series:
    apart = _upper(pieces).str.replace_all("([A-Z])([0-9])", "${1} ${2}").str.replace_all("([0-9])([A-Z])", "${1} ${2}")
    words = apart.str.replace_all("[^A-Z0-9]+", " ").str.strip_chars(" ")
    return words.str.replace_all(r"\b0+([0-9])", "${1}")


def _upper(pieces: pl.Series) -> pl.Series:
    """Upper case; letters with accents, of full width or in ligatures as plain ones, invisible signs gone."""
    foreign = pieces.str.contains(r"[^\x00-\x7f]")
    plain = pieces.str.replace_all("['`]", "")
    if foreign.any():
        bare = pieces.set(~foreign, None).str.replace_all(names.APOSTROPHES, "").str.normalize("NFKD")
        bare = bare.str.to_uppercase().str.replace_many(names.LETTERS)
        plain = plain.zip_with(~foreign, bare.str.replace_all(rf"[\p{{M}}\p{{Cf}}]|{names.APOSTROPHES}", ""))
    return plain.str.to_uppercase()


def _without_titles(runs: Runs) -> Runs:
    """BIN and BINTI between two words first: what follows them may be a degree."""
    between = ~(runs.at_end(first=True) | runs.at_end(first=False))
    runs = runs.kept(~(runs.among(names.DESCENT) & between))
    return trimmed(trimmed(runs, names.TITLES_BEFORE, front=True), _TITLES_AFTER, front=False)


def _in_full(runs: Runs) -> Runs:
    """Abbreviations in full: most wherever they stand, M and MD as the first of several words, ST before others."""
    import numpy as np

    family = {variant: one for one, variants in names.FAMILIES.items() for variant in variants}
    plain = runs.words.replace(family)
    followed = ~runs.at_end(first=False)
    leading = runs.among(names.FIRST_WORDS) & followed & runs.at_end(first=True)
    form = np.where(runs.among(names.BEFORE_OTHERS) & followed, 2, leading.astype(np.int32))
    return runs.respelled([plain, plain.replace(names.FIRST_WORDS), plain.replace(names.BEFORE_OTHERS)], form)


def _run_together(runs: Runs, sounds: pl.Series) -> pl.Series:
    """Sounds without blanks; a letter that ends a word and begins the next is spoken once, but an initial stays."""
    import numpy as np

    joined = sounds  # SUSILO WATI sounds as SUSILOWATI
    for vowel, spoken in names.INNER_VOWELS.items():
        joined = joined.str.replace(f"{vowel}$", spoken)
    before = np.zeros(len(runs.codes), bool)
    before[:-1] = (runs.among(names.ENDINGS) & ~runs.at_end(first=True))[1:]
    codes = runs.codes + len(sounds) * before
    whole = pl.concat([sounds, joined])
    letters = pl.Enum(["", *_ALPHABET])
    ends, begins = (whole.str.slice(at, 1).cast(letters).to_physical().to_numpy() for at in (-1, 0))
    initial = (whole.str.len_bytes() < 2).to_numpy()  # noqa: PLR2004 (one letter)
    again = np.zeros(len(codes), bool)
    again[1:] = (begins[codes[1:]] == ends[codes[:-1]]) & ~initial[codes[1:]] & ~initial[codes[:-1]]
    again &= ~runs.at_end(first=True)
    return runs.lists(pl.concat([whole, whole.str.slice(1)]), codes + len(whole) * again).list.join("")


def _sorted(runs: Runs, sounds: pl.Series) -> pl.Series:
    """The sounds of each value in the order of the alphabet, with blanks between."""
    import numpy as np

    ordered = sounds.unique().sort()
    rank = (sounds.rank("dense") - 1).to_numpy().astype(np.int64)
    value = np.repeat(np.arange(len(runs.ends), dtype=np.int64), runs.ends - runs.starts)
    keys = np.sort((value << 32) | rank[runs.codes])
    return runs.lists(ordered, keys & 0xFFFFFFFF).list.join(" ")


def _paired_numbers(runs: Runs) -> Runs:
    """RT RW 1 2 as RT 1 RW 2."""
    import numpy as np

    if len(runs.codes) < 4:  # noqa: PLR2004 (two words and two numbers)
        return runs
    number = runs.words.str.contains("^[0-9]+$").to_numpy()[runs.codes]
    rt, rw, last = runs.among(["RT"]), runs.among(["RW"]), runs.at_end(first=False)
    at = np.flatnonzero(rt[:-3] & rw[1:-2] & number[2:-1] & number[3:] & ~last[:-3] & ~last[1:-2] & ~last[2:-1])
    codes = runs.codes.copy()
    codes[at + 1], codes[at + 2] = runs.codes[at + 2], runs.codes[at + 1]
    return Runs(runs.words, codes, runs.ends)
