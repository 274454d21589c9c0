"""From people to the records of a register: originals and duplicates, each written by a clerk of its own."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.population import dates, duplicates, numbers, places, spelling, twins
from bench.population.chance import happens
from bench.population.duplicates import DRIFTED, KINDS, MOVED, ORIGINAL, REENTERED, SPLIT
from bench.population.families import People, community

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
NIK_UNKNOWN = ("0", "-", "", None)
MOST_DUPLICATES, MOST_TWINS = 0.4, 0.2
NIK_MISSING = 0.004
NIK_SHARED = 0.002
NIK_WRONG_DIGIT = {ORIGINAL: 0.002, MOVED: 0.02, REENTERED: 0.03, SPLIT: 0.12, DRIFTED: 0.12}
NIK_KEPT = {ORIGINAL: 0.0, MOVED: 0.0, REENTERED: 0.0, SPLIT: 0.5, DRIFTED: 1.0}
NEW_REGION = {ORIGINAL: 0.0, MOVED: 0.55, REENTERED: 0.12, SPLIT: 0.08, DRIFTED: 0.0}
MOVED_FAR = 0.2
OWN_NAME = (spelling.Rates().times(0.03), spelling.Rates())  # originals, duplicates
PARENT_NAME = (spelling.Rates().times(0.14), spelling.Rates().times(0.55))
DATE_WRONG = (0.003, 0.14)
SEX_WRONG = (0.0005, 0.004)
PLACE_OTHER = (0.0, 0.09)
PLACE_TYPO = (0.003, 0.03)


@dataclass(frozen=True)
class Settings:
    """``residents``: number of records; ``duplicates``: share of them that repeat a person; ``twins``: share of people.

    ``parents_missing``: share of records without mother and without father, independently. Raises ValueError when a
    share cannot be met.
    """

    residents: int = 100_000
    duplicates: float = 0.05
    twins: float = 0.012
    parents_missing: tuple[float, float] = (0.07, 0.12)
    seed: int = 1

    def __post_init__(self) -> None:
        if self.residents < 1 or not 0 <= self.duplicates <= MOST_DUPLICATES or not 0 <= self.twins <= MOST_TWINS:
            raise ValueError("residents >= 1, duplicates 0-0.4 and twins 0-0.2 are possible")


@dataclass(frozen=True)
class Population:
    """``people``: records (contract columns, all String). ``truth``: row Int64, person Int64, kind String, twin Boolean.

    ``twins``: left_row < right_row (Int64), every pair of records of two twins: never a match.
    """

    people: pl.DataFrame
    truth: pl.DataFrame
    twins: pl.DataFrame


@dataclass
class Records:
    """What every record says before it is text; ``person`` numbers people, ``kind`` KINDS. Rows as in ``Homes``."""

    person: Ints
    kind: Ints
    home: places.Homes
    family_card: Ints
    birth: Ints
    sex: Ints


def generate(settings: Settings) -> Population:
    """The register of the settings; the same settings give the same frames."""
    rng = np.random.default_rng([settings.seed, 20261122])
    again = round(settings.residents * settings.duplicates)
    people, table, cards = community(rng, settings.residents - again)
    one, two = twins.make_twins(rng, people, table, settings.twins)
    records = recorded(rng, people, cards, duplicates.planned(rng, people.card, again))
    shuffled = rng.permutation(settings.residents)
    person = records.person[shuffled]
    is_twin = np.isin(person, np.concatenate([one, two]))
    frame = as_text(rng, records, people, table)
    for name, share in zip(("nama_lgkp_ibu", "nama_lgkp_ayah"), settings.parents_missing, strict=True):
        gone = pl.Series(happens(rng, settings.residents, share))
        frame = frame.with_columns(pl.when(~gone).then(pl.col(name)).alias(name))
    truth = pl.DataFrame(
        {
            "row": np.arange(settings.residents),
            "person": person,
            "kind": pl.Series(KINDS).gather(records.kind[shuffled]),
            "twin": is_twin,
        }
    )
    return Population(frame[shuffled], truth, twins.record_pairs(person, one, two))


def recorded(rng: np.random.Generator, people: People, cards: Ints, again: duplicates.Again) -> Records:
    """Originals as they are, then the duplicates with their cards, homes, dates and sexes."""
    n = len(people.birth)
    home = places.homes(rng, cards)
    person = np.concatenate([np.arange(n), again.person])
    kind = np.concatenate([np.zeros(n, np.int64), again.kind])
    card = people.card[person]
    family_card = card_numbers(rng, cards)
    at = home.take(card)
    number = family_card[card]
    repeated = np.arange(n, len(person))
    resettle(rng, at, number, (repeated, again))
    later = (kind != ORIGINAL).astype(np.int64)
    birth, sex = people.birth[person], people.sex[person]
    wrong = happens(rng, len(person), np.array(DATE_WRONG)[later])
    birth[wrong] = dates.misrecorded(rng, birth[wrong])
    other = happens(rng, len(person), np.array(SEX_WRONG)[later])
    sex[other] = 3 - sex[other]
    return Records(person, kind, at, number, birth, sex)


def card_numbers(rng: np.random.Generator, kecamatan: Ints) -> Ints:
    """A NO_KK for each card: region, date of registration, serial."""
    day = rng.integers(dates.FIRST_CARD, dates.TODAY, size=len(kecamatan))
    prefix = places.regions().code[kecamatan] * 1_000_000 + dates.nik_digits(day, np.ones_like(day))
    return numbers.issued(rng, prefix)


def resettle(rng: np.random.Generator, home: places.Homes, number: Ints, moves: tuple[Ints, duplicates.Again]) -> None:
    """New cards and homes of those who moved, new cards of split families, small changes of the others; in place."""
    rows, again = moves
    events, of = np.unique(again.event, return_inverse=True)
    far = happens(rng, len(events), MOVED_FAR)
    target = np.where(far, places.away_kecamatan(rng, len(events)), places.home_kecamatan(rng, len(events)))
    fresh = places.homes(rng, target)
    gone = again.kind == MOVED
    home.put(rows[gone], fresh.take(of[gone]))
    split = again.kind == SPLIT
    own = np.zeros(len(events), np.int64)
    own[of] = home.kecamatan[rows]
    newly = gone | split | ((again.kind == DRIFTED) & happens(rng, len(rows), 0.2))
    number[rows[newly]] = card_numbers(rng, own)[of[newly]]
    spoilt = rows[~newly & happens(rng, len(rows), 0.04)]
    number[spoilt] = numbers.misread(rng, number[spoilt])
    restyled = rows[happens(rng, len(rows), 0.45)]
    home.style[restyled] = rng.integers(0, places.HOUSE_STYLES, size=len(restyled))
    nearby = rows[~gone & happens(rng, len(rows), 0.08)]
    home.rt[nearby] = 1 + rng.integers(0, 6, size=len(nearby))
    home.house[nearby] = 1 + rng.integers(0, 180, size=len(nearby))


def identity_numbers(rng: np.random.Generator, records: Records, people: People) -> tuple[Ints, Flags]:
    """NIK of every record and which are missing: issued, kept, misread, or somebody else's."""
    n, persons = len(records.person), len(people.birth)
    new_region = happens(rng, n, lookup(NEW_REGION, records.kind))
    kecamatan = np.where(new_region, records.home.kecamatan, people.issued[records.person])
    true_date = (records.kind == ORIGINAL) | happens(rng, n, 0.25)
    birth = np.where(true_date, people.birth[records.person], records.birth)
    sex = np.where(true_date, people.sex[records.person], records.sex)
    nik = numbers.issued(rng, places.regions().code[kecamatan] * 1_000_000 + dates.nik_digits(birth, sex))
    first = nik[:persons][records.person]
    nik = np.where(happens(rng, n, lookup(NIK_KEPT, records.kind)), first, nik)
    wrong = np.flatnonzero(happens(rng, n, lookup(NIK_WRONG_DIGIT, records.kind)))
    nik[wrong] = numbers.misread(rng, nik[wrong])
    borrowers = rng.permutation(persons)[: round(persons * NIK_SHARED)]
    neighbour = np.argsort(people.card, kind="stable")
    place = np.empty(persons, np.int64)
    place[neighbour] = np.arange(persons)
    beside = neighbour[(place[borrowers] + 1) % persons]
    nik[borrowers] = first[
        np.where(happens(rng, len(borrowers), 0.5), beside, rng.integers(0, persons, size=len(borrowers)))
    ]
    return nik, happens(rng, n, NIK_MISSING)


def lookup(by_kind: dict[int, float], kind: Ints) -> NDArray[np.float64]:
    """A rate per record."""
    return np.array([by_kind[at] for at in range(len(KINDS))])[kind]


def as_text(rng: np.random.Generator, records: Records, people: People, table: Ints) -> pl.DataFrame:
    """The records' columns (all String), in the order of ``records``."""
    person, n = records.person, len(records.person)
    nik, missing = identity_numbers(rng, records, people)
    unknown = pl.Series(NIK_UNKNOWN, dtype=pl.String).gather(rng.integers(0, len(NIK_UNKNOWN), size=n))
    religion = np.array([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3])[(people.sibship * 7919 % 20)]
    blood = rng.choice(["O", "A", "B", "AB", "-"], size=len(people.birth), p=(0.2, 0.13, 0.14, 0.05, 0.48))
    columns = {
        "nik": pl.select(
            pl.when(pl.Series(missing)).then(unknown).otherwise(pl.Series(nik).cast(pl.String))
        ).to_series(),
        "no_kk": pl.Series(records.family_card).cast(pl.String),
        "nama_lgkp": clerks(rng, table[people.name[person]], records.kind, OWN_NAME),
        "jenis_klmin": pl.Series(records.sex).cast(pl.String),
        "tmpt_lhr": birth_places(rng, people.place[person], records.kind),
        "tgl_lhr": pl.Series(records.birth.astype("datetime64[D]")).cast(pl.String),
        "nama_lgkp_ibu": clerks(rng, table[people.mother[person]], records.kind, PARENT_NAME),
        "nama_lgkp_ayah": clerks(rng, table[people.father[person]], records.kind, PARENT_NAME),
        "agama": pl.Series(religion[person]).cast(pl.String),
        "gol_drh": pl.Series(blood[person]),
        "stat_hbkel": pl.Series(people.relation[person]).cast(pl.String),
        "stat_kwn": pl.Series(people.marital[person]).cast(pl.String),
    }
    return pl.concat([pl.DataFrame(columns), places.columns(records.home)], how="horizontal")


def clerks(
    rng: np.random.Generator, tokens: Ints, kind: Ints, rates: tuple[spelling.Rates, spelling.Rates]
) -> pl.Series:
    """Names as written in originals (which come first) and in duplicates."""
    first = int((kind == ORIGINAL).sum())
    return pl.concat([spelling.written(rng, tokens[:first], rates[0]), spelling.written(rng, tokens[first:], rates[1])])


def birth_places(rng: np.random.Generator, place: Ints, kind: Ints) -> pl.Series:
    """Birth places: in duplicates sometimes the regency instead of the kecamatan or another town, or mistyped."""
    later, n = (kind != ORIGINAL).astype(np.int64), len(place)
    other = happens(rng, n, np.array(PLACE_OTHER)[later])
    near = places.regency_of(place)
    elsewhere = places.birth_places(rng, places.home_kecamatan(rng, n))
    text = pl.Series(places.regions().town).gather(np.where(other, np.where(near != place, near, elsewhere), place))
    return spelling.mistyped(rng, text, happens(rng, n, np.array(PLACE_TYPO)[later]))
