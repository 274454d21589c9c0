"""Pairs as one HTML page for screen and A4: no other file, no outside address, every text from outside escaped."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from expectations.matching import BANDS, MATCH, NONE, POSSIBLE, MatchingModel
from tasks.findings_report.look import document, esc, number
from tasks.pairs_page.records import side_by_side
from tasks.pairs_page.waterfall import waterfall
from tasks.private import replace_private
from tasks.resolve.explain import Explanation, of_hundred, sentence

STYLE = Path(__file__).with_name("pairs.css")
# Told by shape and word too: a colour alone says nothing on a grey print.
MARKS = {MATCH: ("●", "Cocok"), POSSIBLE: ("▲", "Mungkin"), NONE: ("○", "Bukan ganda")}
MEANINGS = {
    MATCH: "diusulkan sebagai satu orang",
    POSSIBLE: "diputuskan orang",
    NONE: "tidak diusulkan, ditampilkan karena mirip",
}


@dataclass(frozen=True)
class Pairs:
    """What a page shows. All frames have one row per pair, in the order shown, as ``explanations`` have.

    ``facts``: band String, guard String or null (``Guard.name``), left_place and right_place String (how people find
    the record: ``baris 12``), optional proposal String or null (survivorship). ``left``, ``right``: String columns
    named as ``model.columns``, a missing column is not filled in. ``total``: pairs found, when only some are shown.
    ``unmasked``: NIK and family card numbers in full. ``calibration``: the chart of ``calibration_chart``, when people
    answered about pairs.
    """

    title: str
    model: MatchingModel
    explanations: list[Explanation]
    facts: pl.DataFrame
    left: pl.DataFrame
    right: pl.DataFrame
    total: int = 0
    unmasked: bool = False
    calibration: str = ""


def write_page(path: Path, pairs: Pairs) -> None:
    """Writes or replaces the page (0600), whole or not at all. Same pairs, same bytes. Raises OSError."""
    replace_private(path, render(pairs).encode("utf-8", "replace"))


def render(pairs: Pairs) -> str:
    """The whole page."""
    rows = zip(
        pairs.explanations, pairs.facts.iter_rows(named=True), pairs.left.iter_rows(named=True),
        pairs.right.iter_rows(named=True), strict=True,
    )  # fmt: skip
    shown = "".join(_pair(pairs, at, row) for at, row in enumerate(rows, start=1)) or "<p>Tidak ada pasangan.</p>"
    body = (
        f'{_top(pairs)}<main class="sheet">{_how_to_read()}{_calibration(pairs)}{_tools(pairs)}{shown}'
        "<footer>Sinkron · satu berkas, tanpa alamat luar. Hasil ini usulan: tidak ada catatan yang digabung hanya "
        "karena angka.</footer></main>"
    )
    return document(pairs.title, body, _style())


@cache
def _style() -> str:
    return STYLE.read_text(encoding="utf-8")


def _top(pairs: Pairs) -> str:
    count = len(pairs.explanations)
    of = f" dari {number(pairs.total)} yang ditemukan" if pairs.total > count else ""
    hidden = (
        "NIK dan nomor KK ditulis lengkap: simpan dan bagikan halaman ini seperti dokumen kependudukan."
        if pairs.unmasked
        else "NIK dan nomor KK disamarkan."
    )
    return (
        f'<header class="top"><div class="sheet"><p class="office">Pasangan catatan yang dibandingkan</p>'
        f'<h1>{esc(pairs.title)}</h1><p class="lead">{number(count)} pasangan{of}. Model: {esc(pairs.model.title)}. '
        f"{hidden}</p></div></header>"
    )


def _how_to_read() -> str:
    bands = "".join(f"<li>{_mark(band)} {MEANINGS[band]}</li>" for band in BANDS)
    return (
        '<details class="card how" open><summary><span class="who">Cara membaca</span></summary><div class="inside">'
        f'<ul class="legend">{bands}</ul><p>Grafik mulai dari kemungkinan sebelum apa pun dibandingkan. Setiap isian '
        "menggesernya: panah hijau ke kanan mendukung satu orang, panah merah bergaris tepi ke kiri menentang, "
        "lingkaran kosong tidak berpengaruh. Isian yang tidak diisi bukan bukti. Kekuatan: <b>lemah</b> membuat satu "
        "orang sampai 3 kali lebih (atau kurang) mungkin, <b>sedang</b> sampai 20 kali, <b>kuat</b> sampai 150 kali, "
        "<b>sangat kuat</b> lebih; 1 bit = 2 kali. Isi yang sering dipakai banyak orang berbobot lebih ringan. "
        "Isian yang sama dapat menentang bila lebih khas bagi saudara atau kembar, misalnya nomor KK yang sama."
        "</p></div></details>\n"
    )


def _calibration(pairs: Pairs) -> str:
    """How often the model is right, as far as people answered."""
    if not pairs.calibration:
        return ""
    return (
        '<details class="card how" open><summary><span class="who">Seberapa benar peluang model</span></summary>'
        f'<div class="inside">{pairs.calibration}<p>Batang: bagian pasangan yang menurut model bukan satu orang; '
        "titik dan garis: bagian menurut jawaban orang, dengan rentang kepercayaan 95%. Titik jauh di luar batangnya "
        "berarti model perlu lebih banyak jawaban (--ask).</p></div></details>\n"
    )


def _tools(pairs: Pairs) -> str:
    """Filters by words and band, where there is something to filter."""
    found = [band for band in BANDS if band in pairs.facts["band"].to_list()]
    ticks = "".join(f'<label><input type="checkbox" value="{band}" checked> {_mark(band)}</label>' for band in found)
    return (
        '<div class="tools" data-filters="article.pair" hidden><input type="search" placeholder="Cari kata" '
        f'aria-label="Cari kata">{ticks if len(found) > 1 else ""}<output></output></div>'
    )


def _mark(band: str) -> str:
    glyph, word = MARKS[band]
    return f'<span class="mark {band}"><i aria-hidden="true">{glyph}</i>{word}</span>'


def _pair(pairs: Pairs, at: int, row: tuple[Explanation, dict[str, Any], dict[str, Any], dict[str, Any]]) -> str:
    explanation, fact, left, right = row
    guards = pairs.model.guard_named
    band = str(fact["band"])
    told = sentence(explanation, band, guards.get(fact["guard"]))
    kinds = " · ".join(f"{esc(k.words)}: {of_hundred(k.share)}" for k in (explanation.kind, explanation.second))
    both = side_by_side(pairs.model, (left, right), (fact["left_place"], fact["right_place"]), unmasked=pairs.unmasked)
    proposal = fact.get("proposal")
    proposed = f'<p class="proposal"><b>Usulan.</b> {esc(proposal)}</p>' if proposal else ""
    verdict, _, why = told.partition(". ")
    return (
        f'<article class="pair" id="pasangan-{at}" data-severity="{band}"><h2>Pasangan {number(at)} {_mark(band)}'
        f'<small>{kinds}</small></h2><p class="verdict">{esc(verdict)}.</p><p class="why">{esc(why)}</p>{proposed}'
        f'<div class="pairs"><div class="wide">{both}</div><figure>{waterfall(explanation)}</figure></div></article>\n'
    )
