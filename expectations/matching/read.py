"""Reads a matching model from its file (TOML) and tells everything that is wrong with it at once, in Indonesian."""

import math
import tomllib
from dataclasses import fields as fields_of
from typing import Any

from expectations.matching.model import (
    CLEANERS,
    ELSE,
    NONE,
    POSSIBLE,
    TESTS,
    Blocking,
    Field,
    Fit,
    Guard,
    Key,
    Kind,
    Level,
    Limits,
    MatchingModel,
)  # fmt: skip

SUM_TOLERANCE = 1e-6
LENGTHS = [str(length) for length in range(1, 17)]
SMALLEST_BLOCK = 2  # records: one makes no pair


class _Reader:
    """One pass over one file; ``wrong`` collects what cannot be used, so that the whole file is told at once."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.wrong: list[str] = []
        columns = told.get("columns", {})
        self.columns: dict[str, str] = {}
        self.lengths: dict[str, int] = {}
        for column, told_as in (columns if isinstance(columns, dict) else {}).items():
            cleaner, _, length = str(told_as).partition(" ")
            self.columns[column] = cleaner
            if cleaner not in CLEANERS:
                self.wrong.append(f"columns.{column}: pembersih harus salah satu dari {', '.join(CLEANERS)}")
            elif length and (cleaner != "digits" or length not in LENGTHS):
                self.wrong.append(f"columns.{column}: hanya digits boleh diikuti banyaknya angka, 1 sampai 16")
            elif length:
                self.lengths[column] = int(length)

    def model(self) -> MatchingModel:
        if not self.columns:
            self.wrong.append("columns: tulis paling sedikit satu kolom")
        fields = tuple(self.field(each) for each in self.told.get("field", []))
        if not fields:
            self.wrong.append("field: tulis paling sedikit satu bidang yang dibandingkan")
        if len({each.name for each in fields}) < len(fields):
            self.wrong.append("field: nama bidang harus berbeda-beda")
        return MatchingModel(
            name=str(self.told.get("name", "")),
            title=str(self.told.get("title", "")),
            columns=self.columns,
            lengths=self.lengths,
            fields=fields,
            blocking=self.blocking(self.told.get("blocking", {})),
            kinds=self.kinds(fields),
            guards=tuple(self.guard(each, fields) for each in self.told.get("guard", [])),
            limits=self.numbers(Limits, "limits"),
            fit=self.numbers(Fit, "fit"),
        )

    def field(self, told: dict[str, Any]) -> Field:
        name, column = str(told.get("name", "")), str(told.get("column", ""))
        if column not in self.columns:
            self.wrong.append(f"field {name}: kolom {column or '(kosong)'} tidak ada di [columns]")
        tests = TESTS.get(self.columns.get(column, ""), {})
        binned = told.get("binned", [])
        levels = [self.level(name, each, tests) for each in told.get("levels", [])]
        levels = [Level(each.test, each.words, each.at, each.name in binned) for each in levels]
        if unknown := set(map(str, binned)) - {level.name for level in levels}:
            self.wrong.append(f"field {name}.binned: tidak ada tingkat {', '.join(sorted(unknown))}")
        if not levels or levels[-1].test != ELSE:
            self.wrong.append(f"field {name}: tingkat terakhir harus {ELSE}")
        return Field(name, str(told.get("label", name)), column, tuple(levels))

    def level(self, name: str, told: Any, tests: dict[str, bool]) -> Level:
        test, words = (str(told[0]), str(told[1])) if isinstance(told, list) and len(told) > 1 else ("", "")
        word, _, number = test.rpartition(" ")
        if tests.get(word) and _is_number(number):
            return Level(word, words, float(number))
        if test != ELSE and tests.get(test, True):
            self.wrong.append(f"field {name}: uji {test[:30] or '(kosong)'} tidak dikenal; boleh: {', '.join(tests)}")
        return Level(test, words)

    def blocking(self, told: dict[str, Any]) -> Blocking:
        keys = tuple(self.key(each) for each in told.get("keys", []))
        if not keys:
            self.wrong.append("blocking.keys: tulis paling sedikit satu kunci")
        cap = told.get("cap", 50)
        if isinstance(cap, bool) or not isinstance(cap, int) or cap < SMALLEST_BLOCK:
            self.wrong.append(f"blocking.cap: harus bilangan bulat mulai {SMALLEST_BLOCK}")
        return Blocking(int(cap), keys, tuple(self.key(each) for each in told.get("splits", [])))

    def key(self, told: list[str]) -> Key:
        parts = [each.partition(".")[::2] for each in told]
        if not parts or not isinstance(told, list):
            self.wrong.append("blocking: setiap kunci memuat paling sedikit satu kolom")
        for column, part in parts:
            allowed = CLEANERS.get(self.columns.get(column, ""), ())
            if (part or "clean") not in allowed:
                self.wrong.append(f"blocking: {column}.{part or 'clean'} tidak dikenal; boleh: {', '.join(allowed)}")
        return Key(tuple((column, part or "clean") for column, part in parts))

    def kinds(self, fields: tuple[Field, ...]) -> tuple[Kind, ...]:
        told = self.told.get("kind", [])
        levels: dict[str, dict[str, tuple[float, ...]]] = {}
        kinds = []
        for each in told:
            name = str(each.get("name", ""))
            levels[name] = levels.get(each.get("like", ""), {}) | {
                field: tuple(map(float, shares)) for field, shares in each.get("levels", {}).items()
            }
            for field in fields:
                self.shares(f"kind {name}.{field.name}", levels[name].get(field.name, ()), len(field.levels))
            like = str(each.get("like", ""))
            if like and like not in levels:
                self.wrong.append(f"kind {name}.like: tulis dahulu jenis yang dirujuk")
            sets = {told: frozenset(each.get(told, [])) for told in ("inherits", "tied", "fixed")}
            for place, named in sets.items():
                if unknown := named - {field.name for field in fields}:
                    self.wrong.append(f"kind {name}.{place}: tidak ada bidang {', '.join(sorted(map(str, unknown)))}")
            match, tell = bool(each.get("match", False)), bool(each.get("told", False))
            words, prior = str(each.get("words", name)), float(each.get("prior", 0))
            kinds.append(Kind(name, words, prior, match, levels=levels[name], like=like, told=tell, **sets))
        if {each.is_match for each in kinds} != {True, False}:
            self.wrong.append("kind: perlu paling sedikit satu jenis match = true dan satu false")
        if not math.isclose(sum(each.prior for each in kinds), 1, abs_tol=SUM_TOLERANCE):
            self.wrong.append("kind: jumlah prior semua jenis harus 1")
        return tuple(kinds)

    def shares(self, place: str, shares: tuple[float, ...], levels: int) -> None:
        whole = math.isclose(sum(shares), 1, abs_tol=SUM_TOLERANCE)
        if len(shares) != levels or not whole or min(shares, default=0) <= 0:
            self.wrong.append(f"{place}: perlu {levels} bilangan di atas 0 yang berjumlah 1")

    def guard(self, told: dict[str, Any], fields: tuple[Field, ...]) -> Guard:
        name = str(told.get("name", ""))
        known = {each.name: {level.name for level in each.levels} for each in fields}
        asked = {side: dict(told.get(side, {})) for side in ("at_least", "below")}
        for condition in asked.values():
            for field, level in condition.items():
                if level not in known.get(field, ()):
                    self.wrong.append(f"guard {name}: {field} tidak punya tingkat {level}")
        limit = str(told.get("limit", POSSIBLE))
        if limit not in (POSSIBLE, NONE):
            self.wrong.append(f"guard {name}: limit harus {POSSIBLE} atau {NONE}")
        tell, gap = bool(told.get("told", False)), float(told.get("gap_years", 0))
        words, least = str(told.get("words", name)), float(told.get("cluster_from", 2))
        return Guard(name, words, limit, gap_years=gap, told=tell, cluster_from=least, **asked)

    def numbers(self, kind: type[Any], place: str) -> Any:
        known = {each.name: each.type for each in fields_of(kind)}
        told = self.told.get(place, {})
        for name, value in told.items():
            if (
                name not in known
                or isinstance(value, bool)
                or not isinstance(value, int | float)
                or not 0 <= value < math.inf
            ):
                self.wrong.append(f"{place}.{name}: harus bilangan; yang dikenal: {', '.join(known)}")
        return kind(**{name: value for name, value in told.items() if name in known})


def parse(text: str) -> tuple[MatchingModel | None, list[str]]:
    """The model a file's text describes, or None and what is wrong with it, one line each."""
    try:
        reader = _Reader(tomllib.loads(text))
        model = reader.model()
    except tomllib.TOMLDecodeError as error:
        return None, [f"bukan TOML: {error}"]
    except (TypeError, ValueError, AttributeError, KeyError, OverflowError):
        return None, [*reader.wrong, "isi salah satu bagian bukan jenis yang diharapkan (daftar, tabel, bilangan)"]
    return (None if reader.wrong else model), reader.wrong


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
