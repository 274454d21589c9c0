"""Names cleaned by the vocabulary, against a second reading of the rules: one name at a time, word by word."""

import itertools
import re
import unicodedata

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import names
from tasks.resolve.names import clean_names, clean_words

Row = tuple[str | None, list[str] | None, str | None, str | None]

DEGREES = {*names.TITLES_AFTER, *({t.replace(" ", "") for t in names.TITLES_AFTER} - names.NOT_IN_ONE_WORD)}


def plain_words(piece: str) -> list[str]:
    text = "".join(c for c in unicodedata.normalize("NFKD", re.sub(names.APOSTROPHES, "", piece)))
    text = "".join(names.LETTERS.get(c, c) for c in text.upper())
    text = "".join(c for c in text if unicodedata.category(c)[0] != "M" and unicodedata.category(c) != "Cf")
    text = re.sub(names.APOSTROPHES, "", text).upper()
    for pattern, letter in names.DIGITS_FOR_LETTERS:
        text = re.sub(pattern, python(letter), text)
    return re.findall("[A-Z]+", text)


def python(replacement: str) -> str:
    return re.sub(r"\$\{(\d)\}", r"\\g<\1>", replacement)


def without_titles(words: list[str]) -> list[str]:
    words = [w for at, w in enumerate(words) if w not in names.DESCENT or at in {0, len(words) - 1}]
    while length := max(
        (n for n in (1, 2, 3) if n < len(words) and " ".join(words[:n]) in names.TITLES_BEFORE), default=0
    ):
        words = words[length:]
    while length := max((n for n in (1, 2, 3) if n < len(words) and " ".join(words[-n:]) in DEGREES), default=0):
        words = words[:-length]
    return words


def in_full(words: list[str]) -> list[str]:
    full = []
    for at, word in enumerate(words):
        followed = at < len(words) - 1
        family = [one for one, variants in names.FAMILIES.items() if word in variants]
        if followed and at == 0 and word in names.FIRST_WORDS:
            full.append(names.FIRST_WORDS[word])
        elif followed and word in names.BEFORE_OTHERS:
            full.append(names.BEFORE_OTHERS[word])
        else:
            full.append(family[0] if family else word)
    return full


def spoken(word: str) -> str:
    sound = word
    for pattern, replacement in names.SOUNDS:
        sound = re.sub(pattern, python(replacement), sound)
    sound = "".join(letter for letter, _ in itertools.groupby(sound))
    return sound if len(word) > 1 and sound else word


def run_together(words: list[str]) -> str:
    whole, before = "", ""
    for at, word in enumerate(words):
        sound = spoken(word)
        if words[at + 1 : at + 2] and words[at + 1] in names.ENDINGS:
            sound = sound[:-1] + names.INNER_VOWELS.get(sound[-1], sound[-1])
        both_words = len(sound) > 1 and len(before) > 1
        whole += sound[1:] if both_words and before[-1] == sound[0] else sound
        before = sound
    return whole


def slowly(raw: str | None) -> Row:
    words = in_full(without_titles([word for piece in (raw or "").split(" ") for word in plain_words(piece)]))
    if not words:
        return (None, None, None, None)
    sounds = [spoken(word) for word in words]
    return (" ".join(words), sounds, run_together(words), " ".join(sorted(sounds)))


PIECES = sorted({
    *(piece for title in (*names.TITLES_BEFORE, *DEGREES) for piece in title.split()), *names.DESCENT,
    *itertools.chain(*names.FAMILIES.values()), *names.FAMILIES, "M", "MD", "ST", "A", "B", "S", "I", "O", "WATI",
    "SUSILO", "ENDAH", "KHOIRUL", "TJAHJONO", "NI'MAH", "S.PD.I", "H.M.", "SUWARN0", "É", "ABDURRAHMAN", "AWWAL", "-",
})  # fmt: skip
WORD = st.one_of(st.sampled_from(PIECES), st.text("ABCDEHIJKMNOSTUYZFWP", min_size=1, max_size=9))
LIKELY = st.lists(WORD, min_size=1, max_size=7).flatmap(
    lambda words: st.sampled_from([" ", ".", ", ", "  "]).map(lambda gap: gap.join(words))
)
HOSTILE = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from(".,'’ʼ`´()-/0123Ⅻﬁßıİŉ\u200b\u0301\u00a0\t\n aAzZ")),  # noqa: RUF001
    max_size=25,
)
VALUES = st.lists(st.one_of(st.none(), LIKELY, HOSTILE), unique=True, max_size=12)


@settings(max_examples=300)
@given(VALUES)
def test_the_vocabulary_and_one_name_at_a_time_agree(raw: list[str | None]) -> None:
    """If this fails, a name is cleaned by something else than the written rules, or a neighbour's name changes it."""
    assert clean_names(pl.Series(raw, dtype=pl.String)).rows() == [slowly(name) for name in raw]


@settings(max_examples=200)
@given(VALUES)
def test_a_clean_value_is_clean(raw: list[str | None]) -> None:
    """If this fails, a name read back from our own table becomes another name."""
    once = clean_names(pl.Series(raw, dtype=pl.String))
    assert clean_names(once["clean"]).rows() == once.rows()
    words = clean_words(pl.Series(raw, dtype=pl.String))
    assert clean_words(words).to_list() == words.to_list()


@given(st.lists(st.text("BDGHKLNRTUAIO", min_size=4, max_size=8), min_size=2, max_size=5), st.randoms())
def test_the_order_of_words_does_not_change_the_bag(words: list[str], chance: st.random_module) -> None:
    """If this fails, AGUS BUDI and BUDI AGUS are no candidates for one person."""
    other = list(words)
    chance.shuffle(other)
    bags = [clean_names(pl.Series([" ".join(order)]))["bag"][0] for order in (words, other)]
    assert bags[0] == bags[1]


@given(VALUES, st.randoms())
def test_each_value_stands_for_itself(raw: list[str | None], chance: st.random_module) -> None:
    """If this fails, the order of an extract's rows changes who is found."""
    shuffled = list(raw)
    chance.shuffle(shuffled)
    for columns in (lambda values: clean_names(values).rows(), lambda values: clean_words(values).to_list()):
        found = dict(zip(raw, columns(pl.Series(raw, dtype=pl.String)), strict=True))
        assert columns(pl.Series(shuffled, dtype=pl.String)) == [found[name] for name in shuffled]


def test_hostile_values_are_only_values() -> None:
    """If this fails, one damaged cell stops the search for a whole city."""
    raw = ["X" * 10_000, "H " * 5_000 + "BUDI", "BUDI " + "SH " * 5_000, "." * 10_000, "é" * 10_000, "محمد علي", "\x00",
           "A\u0301" * 3_000, "M" + " " * 10_000, "BIN " * 2_000, "0" * 10_000, "😀 budi 😀",
           "\ud7ff\ue000"]  # fmt: skip
    frame = clean_names(pl.Series(raw))
    assert frame["clean"].to_list() == [slowly(name)[0] for name in raw]
    assert frame["clean"][1] == frame["clean"][2] == frame["clean"][11] == "BUDI"
    assert clean_words(pl.Series(raw)).len() == len(raw)
