"""What a matching model is: fields, levels, blocking keys, kinds of pairs, guards and bands, all as data.

Fellegi-Sunter (1969) with several kinds of match and of non-match: in a family register siblings and twins agree on
mother, father, family card and address, and a two-class model learns "same household" instead of "same person".
"""

from dataclasses import dataclass, field
from functools import cached_property

EVEN = 0.5  # more likely one person than not
MISSING = -1  # no evidence: neither agreement nor disagreement
MATCH, POSSIBLE, NONE = BANDS = ("match", "possible", "none")

# How a column is cleaned before comparing, and the parts of it that a blocking key may take.
CLEANERS: dict[str, tuple[str, ...]] = {
    "name": ("clean", "sound", "bag", "first", "last", "start"),
    "words": ("clean", "start"),
    "digits": ("clean", "head", "tail"),
    "date": ("clean", "year", "monthday", "swapped"),
    "code": ("clean",),
}

# Tests a level may use, by the cleaner of its column; True: the test takes a number.
TESTS: dict[str, dict[str, bool]] = {
    "name": {
        "same": False,
        "bag": False,
        "sound": False,
        "initials": False,
        "part": False,
        "typo": False,
        "misspelt": True,
        "jw": True,
    },
    "words": {"same": False, "part": False, "typo": False, "jw": True},
    "digits": {"same": False, "consecutive": True, "dated": False, "edits": True, "head": False, "tail": False},
    "date": {
        "same": False,
        "usual": False,
        "swapped": False,
        "slip": False,
        "one part": False,
        "convention": False,
        "year": False,
    },
    "code": {"same": False},
}
BINS = 8  # of how often a value occurs: up to 2 records, 8, 32, 128, 512, 2048, 8192, more
ELSE = "else"  # the last level of every field: both values are there and no test holds


@dataclass(frozen=True)
class Level:
    """One degree of agreement. ``test``: a word of TESTS; ``at``: its number; ``words``: as a Kasi reads it.

    ``binned``: how often the agreed value occurs counts too: SITI agrees for less than a rare name.
    """

    test: str
    words: str
    at: float = 0.0
    binned: bool = False

    @property
    def name(self) -> str:
        """As a model file writes it: ``jw 0.92``."""
        return f"{self.test} {self.at:g}" if self.at else self.test


@dataclass(frozen=True)
class Field:
    """One comparison of one column. ``levels``: strongest first, the first that holds counts; the last is ``else``."""

    name: str
    label: str
    column: str
    levels: tuple[Level, ...]

    @cached_property
    def values(self) -> tuple[tuple[int, int], ...]:
        """What a comparison vector may hold here: (level, bin) per value 0, 1, ...; unbinned levels have bin 0."""
        return tuple((at, each) for at, level in enumerate(self.levels) for each in range(BINS if level.binned else 1))

    @cached_property
    def first_value(self) -> tuple[int, ...]:
        """Per level its first value; one more entry ends the last level."""
        levels = [at for at, _ in self.values]
        return (*(levels.index(at) for at in range(len(self.levels))), len(levels))

    def at(self, level: str) -> int:
        """Position of a level by its name."""
        return [each.name for each in self.levels].index(level)


@dataclass(frozen=True)
class Key:
    """One blocking key: pairs agreeing on all ``parts`` ((column, part of its cleaner), ...) are candidates."""

    parts: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """As a model file writes it: ``tgl_lhr + nama_lgkp.first``."""
        return " + ".join(column if part == "clean" else f"{column}.{part}" for column, part in self.parts)


@dataclass(frozen=True)
class Blocking:
    """``cap``: the most records a block may hold; a larger one is split by ``splits``, one after the other."""

    cap: int
    keys: tuple[Key, ...]
    splits: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of pair. ``prior``: share among candidates; ``levels``: field -> P(level | kind), in the field's order.

    ``inherits``: fields on which such pairs agree because of what they are (one person; one mother), so that common
    values appear as often as among records; in all other fields agreement is coincidence, which common values favour.
    ``tied``: fields whose shares are those of kind ``like`` after the fit too: who moved misspells names as others do.
    ``told``: people are told of such pairs although they are no duplicates ("bukan ganda: kembar").
    ``fixed``: fields whose shares define the kind (twins: the birth date) and are not fitted, so that no kind can take
    the place of another.
    """

    name: str
    words: str
    prior: float
    is_match: bool
    inherits: frozenset[str]
    levels: dict[str, tuple[float, ...]]
    like: str = ""
    tied: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    told: bool = False


@dataclass(frozen=True)
class Guard:
    """Evidence that no probability overrules: the pair's band is at most ``limit``. Unknown values never fulfil it.

    ``at_least``/``below``: field -> level that the pair reaches / does not reach. ``gap_years``: years between the
    two values of the date field ``birth``. ``told``: such pairs go to people however unlikely they are one person (one
    NIK on two people). ``cluster_from``: the more evidence it takes for such a pair to hold a cluster together:
    probability from which it may; above 1 it never does.
    """

    name: str
    words: str
    limit: str = POSSIBLE
    at_least: dict[str, str] = field(default_factory=dict)
    below: dict[str, str] = field(default_factory=dict)
    gap_years: float = 0.0
    told: bool = False
    cluster_from: float = 2.0


DECIDED = Guard("decided", "sudah diputuskan orang sebelumnya")
CHAIN = Guard("chain", "rantai catatan: pasangan lain dalam kelompoknya tidak mendukung")


@dataclass(frozen=True)
class Limits:
    """From which probability on a pair is what.

    ``match``, ``possible``: in that band (``match`` is raised where the band would hold more false matches than
    ``false_match_rate``); ``report``: pairs below it are not told. ``cluster``: the most records one person is believed
    to have; ``completed``: groups up to this size are compared pair by pair before they are clustered.
    """

    match: float = 0.95
    possible: float = 0.05
    report: float = 0.01
    false_match_rate: float = 0.005
    cluster: int = 6
    completed: int = 40


@dataclass(frozen=True)
class Fit:
    """How the kinds are learned.

    ``prior_pairs``: observed pairs the shipped probabilities are worth; ``prior_share``: the same as a share of the
    sample, whichever is more; ``sample``: candidate pairs the fit looks at; ``rounds``: of EM at most;
    ``label_pairs``: pairs a decision is worth.
    """

    prior_pairs: float = 400.0
    prior_share: float = 0.02
    sample: int = 200_000
    rounds: int = 60
    label_pairs: float = 30.0


@dataclass(frozen=True)
class MatchingModel:
    """Everything that decides which records are proposed as one person; read from a model file."""

    name: str
    title: str
    columns: dict[str, str]  # column -> cleaner
    fields: tuple[Field, ...]
    blocking: Blocking
    kinds: tuple[Kind, ...]
    guards: tuple[Guard, ...] = ()
    limits: Limits = Limits()
    fit: Fit = Fit()
    lengths: dict[str, int] = field(default_factory=dict)  # column of digits -> how many it must have to be a value

    @cached_property
    def field_at(self) -> dict[str, int]:
        """Field name -> its position in ``fields`` and in every comparison vector."""
        return {each.name: at for at, each in enumerate(self.fields)}

    @cached_property
    def guard_named(self) -> dict[str, Guard]:
        """Every guard a pair may carry, by name: the model's own, CHAIN and DECIDED."""
        return {guard.name: guard for guard in (*self.guards, CHAIN, DECIDED)}

    @property
    def birth(self) -> Field | None:
        """The first date field: the one that gaps of years are counted on."""
        return next((each for each in self.fields if self.columns[each.column] == "date"), None)
