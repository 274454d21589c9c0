"""Values of records as 64-bit numbers, 0 = missing: hashes of texts, digits in half-bytes, dates as yyyymmdd."""

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.uint64]
SEED = 20_110_628
WORDS = 5  # of a text that are compared one by one
LETTERS = [chr(letter) for letter in range(ord("A"), ord("Z") + 1)]
LETTER_AT = 27  # bits of a word's hash below its first letter; none of them set: the word is an initial
DIGITS = 16
COUNTING = np.uint64(0x23456789A1234567)  # 1 to 9, 0, 1 to 6
DATE_PATTERNS = ("%Y-%m-%d", "%Y%m%d", "%d-%m-%Y", "%d/%m/%Y")
NO_VALUE = ("", "-", "0")


def hashed(texts: pl.Series) -> Numbers:
    """Hash per text, never 0; 0 where it is missing."""
    hashes = texts.hash(SEED).to_numpy() | np.uint64(1)
    return np.where(texts.is_null().to_numpy(), np.uint64(0), hashes)


def numbered_words(tokens: pl.Series) -> npt.NDArray[np.uint32]:
    """uint32 (values, WORDS): first letter in the high bits, hash below; an initial has no hash; 0 is no word.

    A single digit is no initial: RT 3 is not RT 7.
    """
    counts = tokens.list.len().fill_null(0).to_numpy().astype(np.int64)
    flat = tokens.filter(pl.Series(counts > 0)).explode()
    letter = flat.str.slice(0, 1).replace_strict(
        LETTERS, range(1, len(LETTERS) + 1), default=31, return_dtype=pl.UInt32
    )
    low = (flat.hash(SEED).to_numpy() & np.uint64((1 << LETTER_AT) - 1)).astype(np.uint32) | np.uint32(1)
    low[((flat.str.len_chars() == 1) & (letter <= len(LETTERS))).to_numpy()] = 0
    coded = (letter.to_numpy() << np.uint32(LETTER_AT)) | low
    owner = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    words = np.zeros((len(counts), WORDS), np.uint32)
    fits = place < WORDS
    words[owner[fits], place[fits]] = coded[fits]
    return words


def _digits(raw: pl.Series) -> Numbers:
    """Sixteen digits in sixteen half-bytes, each digit + 1, so that numbers differ in as many digits as half-bytes.

    "0", blank, "-", one digit repeated, 9999... and other placeholders identify nobody: missing (handbook 10).
    """
    text = raw.fill_null("")
    odd = (text.str.len_bytes() != DIGITS).to_numpy()
    whole = np.zeros(len(raw), bool)
    number = np.zeros(len(raw), np.uint64)
    plain, digits = _half_bytes(text.filter(pl.Series(~odd)))
    whole[~odd] = digits
    number[whole] = plain[digits]
    if not whole.all():  # shorter, longer, with spaces or marks between
        other = text.filter(pl.Series(~whole)).str.replace_all(r"[^0-9]", "")
        fits = ((other.str.len_bytes() > 0) & (other.str.len_bytes() <= DIGITS)).to_numpy()
        padded = np.zeros(len(other), np.uint64)
        padded[fits] = _half_bytes(other.filter(pl.Series(fits)).str.pad_start(DIGITS, "/"))[0]
        number[~whole] = padded
    return np.where(_placeholder(number), np.uint64(0), number)


def _half_bytes(texts: pl.Series) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Texts of DIGITS bytes as numbers, and which are digits throughout ("/" before them is no digit)."""
    joined = (texts.str.join("").item() or "").encode()
    text = np.frombuffer(joined, np.uint8).reshape(-1, DIGITS) - np.uint8(ord("0") - 1)
    whole = np.all((text >= 1) & (text <= len("0123456789")), axis=1, keepdims=True)[:, 0]
    pairs = (text[:, 0::2] << np.uint8(4)) | text[:, 1::2]
    return np.ascontiguousarray(pairs).view(">u8").reshape(-1).astype(np.uint64), whole


def _placeholder(number: Numbers) -> npt.NDArray[np.bool_]:
    """Zeros, one digit five times or more, 9999..., and counting up."""
    last = number & np.uint64(0xF)
    ones = [np.uint64(int("1" * digits, 16)) for digits in range(1, DIGITS + 1)]
    zeros = np.isin(number, ones)
    repeated = np.any([number == each * last for each in ones[4:]], axis=0)
    nines = number >> np.uint64(12) == np.uint64(int("A" * 13, 16))
    return np.asarray(zeros | repeated | nines | (number == COUNTING))


def _dates(raw: pl.Series) -> Numbers:
    """Dates as numbers yyyymmdd; 0 where there is no date."""
    distinct = raw.drop_nulls().unique()
    text = distinct.str.slice(0, 10)
    parsed = pl.select(pl.coalesce(*(text.str.to_date(each, strict=False) for each in DATE_PATTERNS))).to_series()
    number = parsed.dt.year() * 10_000 + parsed.dt.month().cast(pl.Int32) * 100 + parsed.dt.day()
    found = raw.replace_strict(distinct, number, default=None, return_dtype=pl.UInt64) if len(distinct) else number
    return np.asarray(found.fill_null(0).to_numpy() if len(distinct) else np.zeros(len(raw)), np.uint64)


def _codes(raw: pl.Series) -> Numbers:
    text = raw.str.strip_chars().str.to_uppercase()
    return hashed(text.set(text.is_in(NO_VALUE), None))


NUMBERS = {"digits": _digits, "date": _dates, "code": _codes}


def derived(whole: Numbers, part: str) -> Numbers:
    """A part of numbers or dates: see CLEANERS. A missing whole has no parts."""
    if part == "head":
        found = whole >> np.uint64(16)
    elif part == "tail":
        found = whole & np.uint64((1 << 40) - 1)
    elif part == "year":
        found = whole // np.uint64(10_000)
    else:
        month, day = whole // np.uint64(100) % np.uint64(100), whole % np.uint64(100)
        found = month * np.uint64(100) + day
        if part == "swapped":
            low, high = np.minimum(month, day), np.maximum(month, day)
            found = whole // np.uint64(10_000) * np.uint64(10_000) + low * np.uint64(100) + high
    return found


def combined(parts: list[Numbers], *, keep_missing: bool = False) -> Numbers:
    """One 64-bit hash of several numbers per record; 0 where one is missing, unless missing counts as a value."""
    mixed = np.full(len(parts[0]), SEED, np.uint64)
    spare = np.empty_like(mixed)
    for part in parts:  # splitmix64 (Steele, Lea & Flood 2014)
        mixed ^= part
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= np.right_shift(mixed, np.uint64(29), out=spare)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= np.right_shift(mixed, np.uint64(32), out=spare)
    mixed |= np.uint64(1)
    if not keep_missing:
        for part in parts:
            mixed *= part != 0
    return mixed
