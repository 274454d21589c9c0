"""The page of the dashboard: sections made of HTML alone, so that screen, paper and a screen reader get the same.

Every text that comes out of the copy goes through ``esc``: a rule's title or a place's name is never markup.
"""

from collections.abc import Iterable

from tasks.dashboard import places, words
from tasks.dashboard.behind import Written
from tasks.dashboard.figures import Figures
from tasks.dashboard.sections import clocks, duplicates, extracts, rules
from tasks.dashboard.sums import NotReadableError
from tasks.dashboard.work import steps, workload
from tasks.findings_report.look import esc


def head(figures: Figures, missing: Written | None) -> str:
    """Title, the moment that every figure is of, and what was written since (``missing``)."""
    return (
        '<header class="dasbor"><p class="office">Sinkron · salinan analis</p><h1>Dasbor Anomali Data</h1>'
        f'<p class="lead">Data per <b>{words.moment(figures.published)}</b>, saat salinan diterbitkan sesudah agenda '
        f'<span class="nb">{esc(figures.newest)}</span>. Umur dan sisa hari dihitung sampai hari itu.</p>'
        f"{_stale(missing)}</header>"
    )


def body(figures: Figures, told: str, unknown: Iterable[str] = (), address: str = "") -> str:
    """All sections. ``told``: the filters in words; ``unknown``: what to say of filters asked for in vain.

    ``address``: the filters as they stand after the page's name.
    """
    sections = (_cards(figures), places.tiles(figures), places.table(figures), rules(figures), extracts(figures),
                steps(figures), workload(figures), clocks(figures), duplicates(figures))  # fmt: skip
    hints = "".join(f'<p class="hint" role="status">{esc(text)}</p>' for text in unknown)
    chosen = f'<p class="chosen"><b>Saringan:</b> {esc(told)}</p>{hints}{places.hidden(figures)}'
    return f'<article class="dasbor" data-alamat="{esc(address)}">{chosen}{"".join(sections)}</article>'


def notice(heading: str, text: str, more: str = "") -> str:
    """A page with nothing to show and what to do about it. ``more``: HTML of ours."""
    return (
        f'<article class="dasbor"><p class="office">Sinkron · salinan analis</p><h1>Dasbor Anomali Data</h1>'
        f'<section class="notice" role="status"><h2>{esc(heading)}</h2><p>{esc(text)}</p></section>{more}</article>'
    )


def refusal(error: NotReadableError, missing: Written | None) -> str:
    """The page without figures: nothing was published yet, or nothing that can be read."""
    if error.missing:
        return notice(
            "Belum ada terbitan",
            "Salinan analis (published/sinkron.duckdb) dibuat setelah batch pertama selesai ditulis. "
            "Selesaikan satu batch, lalu muat ulang halaman ini.",
            _stale(missing),
        )
    return notice(
        "Terbitan belum dapat dibaca",
        "Salinan analis ini dari versi lama atau rusak: belum memuat tabel yang dipakai dasbor. "
        "Salinan berikutnya, setelah batch berikutnya ditulis, sudah lengkap; muat ulang halaman ini sesudah itu.",
    )


def _stale(missing: Written | None) -> str:
    if missing is None:
        return ""
    return (
        f'<p class="hint" id="tertinggal" role="status"><b>Belum termuat: agenda {esc(missing.agenda)}</b>, selesai '
        f"ditulis {words.moment(missing.at)}. Penerbitan salinannya sedang berjalan atau gagal. Muat ulang halaman ini "
        "sebentar lagi; bila tetap begini, periksa langkah terakhir pada run agenda itu atau hubungi pengelola "
        "sistem.</p>"
    )


def _cards(figures: Figures) -> str:
    whole = figures.whole
    nearest = _nearest(figures)
    cards = [
        ("temuan", words.count(whole.findings), "temuan pada semua berkas yang dipilih"),
        ("terbuka", words.count(whole.open), "masih terbuka menurut berkas terbaru"),
        ("umur", f"{words.decimal(whole.median_age)} hari",
         f"umur tengah; tertua {words.decimal(whole.oldest_age)} hari"),
        ("kasus", words.count(whole.cases), f"kasus menunggu; {words.count(whole.overdue)} lewat tenggat"),
        ("batas", words.left(nearest[0]) if nearest else words.NOTHING,
         f"batas 60 hari terdekat ({esc(nearest[1])})" if nearest
         else "tidak ada batas 60 hari yang berjalan"),
    ]  # fmt: skip
    items = "".join(f'<li data-angka="{name}"><b>{value}</b><span>{note}</span></li>' for name, value, note in cards)
    return f'<ul class="cards">{items}</ul>'


def _nearest(figures: Figures) -> tuple[int, str] | None:
    """The 60 days that end first, of receipts that are not written and of open cases: days left, and whose."""
    receipts = [(clock.left, f"agenda {clock.agenda}") for clock in figures.clocks if clock.written is None]
    cases = [(each.nearest, f"kasus {each.kind}") for each in figures.cases if each.nearest is not None]
    return min(receipts + cases, key=lambda end: end[0], default=None)
