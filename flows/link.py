"""`sinkron link` and `sinkron prepare`: the matcher on anybody's files, without an office."""

import argparse
import contextlib
import functools
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import polars as pl

from expectations.matching import BAND_WORDS, MATCH, POSSIBLE, SHIPPED, MatchingModel, parse, shipped
from expectations.matching.model import DECIDED, EVEN
from flows.arguments import MOST
from tasks.errors import Exit, Problem, UserError
from tasks.privacy import scrub
from tasks.read import Findings
from tasks.resolve.explain import MOST_FIELDS
from tasks.tables import Table, Target, Wanted, check_targets, check_usable, read_labels, read_table, write_tables

if TYPE_CHECKING:
    from tasks.resolve.link import Linked
    from tasks.tables.prepared import Baseline

FIRST = ("left_row", "right_row", "weight", "probability", "band")  # then whatever else the engine tells
UNSURE = 2.0  # times the false-match rate that the model allows its match band: nobody should take that on trust
MODEL_BYTES = 1 << 20


def link_command(arguments: argparse.Namespace) -> int:
    """Reads, links, writes; see docs/link.md. Raises UserError with all problems of the use or of the files at once."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # drafts are removed on the way out
    job = _Job(arguments)
    # recordlinkage and what it brings take a second to import: meanwhile the files are read and cleaned.
    threading.Thread(target=importlib.import_module, args=("tasks.resolve.link",), daemon=True).start()
    with _progress(sys.stderr) as progress:
        progress("membaca berkas", 0.0)
        job.read()
        linked = job.link(progress)
        write_tables(job.results(linked))
    job.tell(linked)
    return Exit.OK


def prepare_command(arguments: argparse.Namespace) -> int:
    """Prepares a baseline once, for ``sinkron link --against FOLDER``."""
    from tasks.tables.prepared import check_new_folder, save_prepared

    model = _model(arguments.model)
    check_new_folder(arguments.to)
    with _progress(sys.stderr) as progress:
        progress("membaca berkas", 0.0)
        table = read_table(arguments.file, Wanted.by(model))
        check_usable(model, (table.name, table.found))
        progress("menyiapkan catatan", EVEN)
        save_prepared(table, model, arguments.to)
    count = _number(table.frame.height)
    sys.stdout.write(f"{count} rekaman disiapkan di {scrub(str(arguments.to))} (data pribadi: jaga folder itu)\n")
    return Exit.OK


class _Job:
    """One call of ``sinkron link``: what it reads and what it writes, checked before anything is read."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.asked = arguments
        found = Findings()
        self.count, self.ask = found.collect(functools.partial(_ask, arguments.ask)) or (0, None)
        self.page = arguments.pairs.with_suffix(".html") if arguments.explain and arguments.pairs.name else None
        named = [("--pairs", arguments.pairs, ()), ("--clusters", arguments.clusters, ()),
                 ("--ask", self.ask, (".csv",)), ("--explain", self.page, (".html",))]  # fmt: skip
        targets = [Target(option, path, *([formats] if formats else [])) for option, path, formats in named if path]
        model = Path(arguments.model)
        inputs = [arguments.file, arguments.against, arguments.labels, model if model.is_file() else None]
        found.collect(functools.partial(check_targets, targets, [path for path in inputs if path]))
        chosen = found.collect(functools.partial(_model, arguments.model))
        if chosen and arguments.explain and len(chosen.fields) > MOST_FIELDS:
            received, allowed = f"model dengan {len(chosen.fields)} bidang", f"paling banyak {MOST_FIELDS} bidang"
            found.note(Exit.USAGE, Problem("--explain", received, allowed, "jalankan tanpa --explain"))
        found.refuse()
        assert chosen is not None  # noqa: S101 (refused above)
        self.model: MatchingModel = chosen
        self.left: Table
        self.right: Table | Baseline | None = None
        self.labels: pl.DataFrame | None = None

    def read(self) -> None:
        """Both sides and the labels. Raises UserError with the problems of all files."""
        found, wanted, against = Findings(), Wanted.by(self.model), self.asked.against
        left = found.collect(functools.partial(read_table, self.asked.file, wanted))
        if against and against.is_dir():
            from tasks.tables.prepared import load_prepared

            self.right = found.collect(functools.partial(load_prepared, against, self.model))
        elif against:
            self.right = found.collect(functools.partial(read_table, against, wanted))
        found.refuse()
        assert left is not None  # noqa: S101 (refused above)
        self.left = left
        sides = [self.left, *([self.right] if self.right else [])]
        found.collect(functools.partial(check_usable, self.model, *((side.name, side.found) for side in sides)))
        if self.asked.labels:
            rows = (side.frame.height if isinstance(side, Table) else side.rows for side in sides)
            self.labels = found.collect(functools.partial(read_labels, self.asked.labels, *rows))
        found.refuse()

    def link(self, progress: "_Progress") -> "Linked":
        """The engine's answer."""
        from tasks.resolve.prepare import prepare

        progress("menyiapkan catatan", 0.0)
        left = prepare(self.left.frame, self.model)
        if not (self.page or self.ask):  # nobody looks at the values again
            self.left = _without_rows(self.left)
        from tasks.resolve.dask_fan import connected
        from tasks.resolve.link import Steering, link

        right = self.right.frame if isinstance(self.right, Table) else self.right.prepared if self.right else None
        with connected(self.asked.dask) as fan:
            return link(left, right, self.model, Steering(labels=self.labels, progress=progress, fan=fan))

    def results(self, linked: "Linked") -> list[tuple[Path, pl.DataFrame]]:
        """The files to write, each with its table."""
        pairs = linked.pairs.select(*FIRST, pl.exclude(FIRST))
        tables = [(self.asked.pairs, pairs)]
        if self.asked.clusters:
            tables.append((self.asked.clusters, linked.clusters))
        if self.ask:
            from tasks.resolve.calibrate import clerical_sample
            from tasks.tables.ask import questions

            open_pairs = pairs.filter(pl.col("guard").is_null() | (pl.col("guard") != DECIDED.name))
            chosen = clerical_sample(open_pairs, self.count)  # in the order to ask: who stops early is no loss
            tables.append((self.ask, questions(chosen, self.model, *self.records(chosen))))
        return tables

    def records(self, chosen: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Both records of these pairs as received, aligned, one column per column of the model."""
        left = self.left.frame[chosen["left_row"]]
        if self.right is None or isinstance(self.right, Table):
            return left, (self.right or self.left).frame[chosen["right_row"]]
        right = self.right.values(chosen["right_row"])
        absent = [pl.lit(None, pl.String).alias(name) for name in self.model.columns if name not in right.columns]
        return left, right.with_columns(absent).select(*self.model.columns)

    def tell(self, linked: "Linked") -> None:
        """Explanations and the count, on the terminal; values of records only on the page."""
        if self.page:
            for line in self.explained(linked, self.page):
                sys.stdout.write(f"{line}\n")
        sys.stdout.write("; ".join(_told(linked, self.labels)) + "\n")

    def explained(self, linked: "Linked", page: Path) -> Iterator[str]:
        """The most doubtful pairs in words, and the page beside the pairs."""
        from tasks.pairs_page import Pairs, write_page
        from tasks.resolve.explain import explain, sentence

        chosen = linked.doubtful(self.asked.explain)
        explanations = explain(linked.classifier, linked.vectors[chosen["at"].to_numpy()])
        facts = chosen.select("band", "guard", pl.format("left_row {}", "left_row").alias("left_place"),
                              pl.format("right_row {}", "right_row").alias("right_place"))  # fmt: skip
        left, right = self.records(chosen)
        title = scrub(f"Pasangan {self.left.name}" + (f" dan {self.right.name}" if self.right else ""))
        shown = Pairs(title, self.model, explanations, facts, left, right, linked.pairs.height,
                      calibration=self.calibrated(linked))  # fmt: skip
        try:
            write_page(page, shown)
        except OSError:
            received, step = (
                "tidak dapat ditulis (pasangannya sudah)",
                "periksa sisa ruang dan izin folder, lalu ulangi",
            )
            raise UserError(Exit.USAGE, Problem(page.name, received, "folder yang dapat ditulis", step)) from None
        guards = self.model.guard_named
        for each, (band, guard, one, other) in zip(explanations, facts.iter_rows(), strict=True):
            yield f"{one}, {other}: {sentence(each, band, guards.get(guard))}"
        yield f"Isi catatannya (data pribadi): {scrub(str(page))}"

    def calibrated(self, linked: "Linked") -> str:
        """The chart of predicted against answered shares; nothing without answers."""
        from tasks.resolve.calibrate import calibration
        from tasks.resolve.calibration_chart import calibration_chart

        return "" if self.labels is None else calibration_chart(calibration(linked.by_model, self.labels))


def _without_rows(table: Table) -> Table:
    return replace(table, frame=table.frame.clear())


def _told(linked: "Linked", labels: pl.DataFrame | None) -> Iterator[str]:
    """The parts of the last line."""
    from tasks.resolve.calibrate import calibration, estimated_rate

    bands = dict(linked.pairs["band"].value_counts().iter_rows())
    sizes = linked.clusters.group_by("cluster").len()["len"]
    yield f"{_number(linked.clusters.height)} rekaman"
    yield f"{_number(linked.candidates)} calon pasangan"
    yield f"{_number(bands.get(MATCH, 0))} cocok, {_number(bands.get(POSSIBLE, 0))} mungkin"
    yield f"{_number(int((sizes > 1).sum()))} kelompok"
    unanswered = pl.DataFrame(schema={"left_row": pl.Int64, "right_row": pl.Int64, "same": pl.Boolean})
    rate = estimated_rate(linked.by_model, unanswered if labels is None else labels)
    if rate.pairs:
        yield f"perkiraan salah cocok {_percent(rate.rate)} ({_percent(rate.low)} - {_percent(rate.high)})"
    if linked.classifier.captured or rate.rate > UNSURE * linked.classifier.model.limits.false_match_rate:
        yield "model belum yakin: minta label dengan --ask 200 TANYA.csv, jawab, lalu --labels TANYA.csv"
    if labels is not None:
        for each in calibration(linked.by_model, labels).head(len(BAND_WORDS)).iter_rows(named=True):
            if each["labels"]:
                shown = f"{_percent(each['observed'])} ({_percent(each['low'])} - {_percent(each['high'])})"
                predicted, count = _percent(each["predicted"]), each["labels"]
                yield f"{each['group']}: satu orang menurut model {predicted}, menurut {count} label {shown}"


def _model(named: str) -> MatchingModel:
    """A shipped model by name, or one from a file. Raises UserError with everything that is wrong with the file."""
    if named in SHIPPED:
        return shipped(named)
    path = Path(named)
    allowed = f"{', '.join(SHIPPED)}, atau berkas model (TOML)"
    if not path.is_file():
        raise UserError(Exit.USAGE, Problem(f"--model {path.name}", "tidak ada", allowed, "periksa nama model"))
    try:
        text = path.read_bytes()[: MODEL_BYTES + 1].decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        text = "\0"
    model, wrong = parse(text) if len(text) <= MODEL_BYTES else (None, ["terlalu besar untuk sebuah model"])
    if model is None:
        step = "perbaiki bagian itu; lihat docs/link.md"
        raise UserError(Exit.FILE, *(Problem(f"--model {path.name}", line, "model pencocokan", step) for line in wrong))
    return model


def _ask(given: list[str] | None) -> tuple[int, Path | None]:
    """``--ask N FILE``. Raises UserError (USAGE) for an N that is no count."""
    if given is None:
        return 0, None
    number, name = given
    if not (number.isascii() and number.isdigit() and 0 < int(number) <= MOST):
        received, step = "banyaknya bukan bilangan", "tulis misalnya --ask 200 tanya.csv"
        raise UserError(Exit.USAGE, Problem("--ask", received, f"1 sampai {MOST}", step))
    return int(number), Path(name)


class _Progress:
    """One line on a terminal, rewritten."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def __call__(self, step: str, share: float) -> None:
        self.out.write(f"\r\x1b[K{step} {share:.0%}")
        self.out.flush()


@contextlib.contextmanager
def _progress(out: TextIO) -> Iterator["_Progress"]:
    """Writes to a terminal only; the line is gone at the end, whatever the end."""
    if not out.isatty():
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            yield _Progress(nowhere)
        return
    try:
        yield _Progress(out)
    finally:
        out.write("\r\x1b[K")
        out.flush()


def _number(count: int) -> str:
    return f"{count:,}".replace(",", ".")


def _percent(share: float) -> str:
    return f"{share * 100:.2f} %".replace(".", ",")
