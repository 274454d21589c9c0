"""Every name token once, with its spelling variants, its old spelling, its initial and the token a twin would carry.

Names are rows of four token numbers, so that a million names are drawn, changed and compared as integers, and become
text only when records are written. Spelling rules: handbook section 10 (old spelling oe/u, dj/j, tj/c; kh-ch-h, f-p-v,
z-s-j, q-k, y-i, double letters, th/t, Javanese o/a).
"""

import itertools
import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bench.population import words

Ints = NDArray[np.int64]
POOLS = {  # style -> sex -> first tokens, later tokens, rare tokens
    "javanese": {1: ("JAVANESE_MEN", "JAVANESE_MEN", "javanese_men"), 2: ("JAVANESE_WOMEN", "JAVANESE_WOMEN", "javanese_women")},
    "muslim": {
        1: ("MUSLIM_MEN_FIRST", "MUSLIM_MEN_LAST", "javanese_men"),
        2: ("MUSLIM_WOMEN_FIRST", "MUSLIM_WOMEN_LAST", "javanese_women"),
    },
    "modern": {
        1: ("MODERN_MEN_FIRST", "MODERN_MEN_LAST", "modern_men"),
        2: ("MODERN_WOMEN_FIRST", "MODERN_WOMEN_LAST", "modern_women"),
    },
    "christian": {1: ("CHRISTIAN_MEN", "MODERN_MEN_LAST", "modern_men"), 2: ("CHRISTIAN_WOMEN", "MODERN_WOMEN_LAST", "modern_women")},
}  # fmt: skip
STYLES = tuple(POOLS)
RARE_TOKENS = 2500  # kept of each syllable pool
MUHAMMAD = (
    "MUHAMMAD",
    "MOHAMMAD",
    "MUHAMAD",
    "MOHAMAD",
    "MOCHAMAD",
    "MOCHAMMAD",
    "MOCH",
    "MOCH.",
    "MOH",
    "MOH.",
    "MUH",
    "MUH.",
    "M",
    "M.",
)
ACHMAD = ("AHMAD", "ACHMAD", "AKHMAD", "A.")
OTHER_SETS = (
    ACHMAD,
    ("ABDUL", "ABD", "ABD.", "ABDOEL"),
    ("SITI", "ST", "ST.", "SITTI"),
    ("NUR", "NOER", "NOR"),
    ("SRI", "SRIE"),
)
MODERN_RULES = (
    ("RR", "R"), ("LL", "L"), ("MM", "M"), ("DD", "D"), ("NN", "N"), ("KH", "CH"), ("CH", "H"), ("KH", "H"), ("F", "P"), ("F", "V"),
    ("Z", "S"), ("Z", "J"), ("SY", "S"), ("SH", "S"), ("Q", "K"), ("K$", "Q"), ("Y$", "I"), ("I$", "Y"), ("IE", "I"), ("TH", "T"),
    ("DH", "D"), ("O$", "A"), ("AI", "AE"), ("OI", "AI"), ("AH$", "A"), ("A$", "AH"), ("IA", "IYA"), ("IYA", "IA"), ("IYO", "IO"),
    ("D$", "T"), ("AD$", "AT"), ("ROH", "RAH"), ("ZAIN", "ZAEN"), ("HAYATI", " HAYATI"), ("WATI$", " WATI"), ("U$", "O"), ("RI$", "RIE"),
)  # fmt: skip
OLD_RULES = (("U", "OE"), ("J", "DJ"), ("C", "TJ"), ("Y", "J"), ("SY", "SJ"))
RARE_LETTERS = range(4, 14)
UNSPEAKABLE = re.compile(r"(?!N[DGTKS]R|NGK|NGG)[^AIUEO]{3}|[^AIUEON][^AIUEO][^AIUEO]|(.)\1\1")


@dataclass(frozen=True)
class Vocabulary:
    """``text``: token number -> spelling. ``variants[starts[t] : starts[t + 1]]`` are t's other spellings.

    ``old``, ``initial``, ``twin`` (same beginning) and ``rhyme`` (same end) give a token number per token; the token
    itself where there is none.
    ``pools``: (style, sex, position) -> token numbers and their cumulative probability.
    """

    text: list[str]
    starts: Ints
    variants: Ints
    old: Ints
    initial: Ints
    twin: Ints
    rhyme: Ints
    pools: dict[tuple[str, int, str], tuple[Ints, NDArray[np.float64]]]


def spelled_otherwise(token: str) -> list[str]:
    """What a clerk may write for the token, within today's spelling."""
    for family in (MUHAMMAD, *OTHER_SETS):
        if token in family:
            return [other for other in family if other != token]
    changed = [re.sub(pattern, by, token, count=1) for pattern, by in MODERN_RULES]
    return sorted({word for word in changed if word != token and len(word) > 1})


def spelled_of_old(token: str) -> str:
    """The spelling before 1972 (van Ophuijsen and Soewandi)."""
    holder = token.replace("Y", "y")
    for new, before in OLD_RULES:
        holder = holder.replace(new.replace("Y", "y"), before)
    return holder.replace("yA", "JA").upper()


def rare(pool: str) -> list[str]:
    """The syllable pool's tokens in a fixed random order: what comes first becomes most frequent."""
    first, middle, last = (part.split() for part in words.RARE[pool])
    every = [a + b for a in first for b in last] + [a + m + b for a in first for m in middle for b in last]
    unique = sorted({word for word in every if len(word) in RARE_LETTERS and not UNSPEAKABLE.search(word)})
    order = np.random.default_rng(20261122).permutation(len(unique))[:RARE_TOKENS]
    return [unique[at] for at in order]


def zipf(tokens: list[str], number: dict[str, int], exponent: float) -> tuple[Ints, NDArray[np.float64]]:
    """Token numbers and cumulative probability ~ 1 / (rank + 3) ** exponent (Zipf 1949, Mandelbrot's shift)."""
    weights = 1 / (np.arange(len(tokens)) + 3.0) ** exponent
    return np.array([number[token] for token in tokens]), np.cumsum(weights) / weights.sum()


def alike(lists: dict[str, list[str]]) -> tuple[dict[str, str], dict[str, str]]:
    """What a twin may be called: the neighbour among the names of that sex by beginning, and by end."""
    begins: dict[str, str] = {}
    ends: dict[str, str] = {}
    for sex in ("women", "men"):
        names = sorted(
            {
                t
                for name, many in lists.items()
                if ("women" in name.lower()) == (sex == "women")
                for t in many
                if len(t) in RARE_LETTERS
            }
        )
        begins |= dict(itertools.pairwise(names))
        ends |= dict(itertools.pairwise(sorted(names, key=lambda word: word[::-1])))
    pairs = [pair.split() for line in words.TWIN_NAMES.splitlines() for pair in line.split("|")]
    return begins | dict(pairs) | {b: a for a, b in pairs}, ends


@cache
def vocabulary() -> Vocabulary:
    """The same for every seed: seeds change who bears the names, not which names exist."""
    lists = {
        name: list(dict.fromkeys(getattr(words, name).split()))
        for name in dir(words)
        if name.endswith(("MEN", "FIRST", "LAST"))
    }
    lists |= {name: rare(name) for name in words.RARE}
    twins, rhymes = alike(lists)
    base = list(dict.fromkeys([*itertools.chain(*lists.values()), *twins]))
    others = {token: spelled_otherwise(token) for token in base}
    old = {token: spelled_of_old(token) for token in base}
    initials = {token: token[0] + "." for token in base}
    text = list(dict.fromkeys([*base, *itertools.chain(*others.values()), *old.values(), *initials.values()]))
    number = {token: at for at, token in enumerate(text)}
    lengths = [len(others.get(token, ())) for token in text]

    def per_token(of: dict[str, str]) -> Ints:
        return np.array([number[of.get(token, token)] for token in text])

    return Vocabulary(
        text=text,
        starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        variants=np.array([number[v] for token in base for v in others[token]], dtype=np.int64),
        old=per_token(old),
        initial=per_token(initials),
        twin=per_token(twins),
        rhyme=per_token(rhymes),
        pools={
            (style, sex, place): zipf(lists[name], number, 0.75 if place == "rare" else 0.85)
            for style, by_sex in POOLS.items()
            for sex, names in by_sex.items()
            for place, name in zip(("first", "last", "rare"), names, strict=True)
        },
    )
