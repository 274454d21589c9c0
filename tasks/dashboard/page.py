"""The page of the dashboard: sections made of HTML alone, so that screen, paper and a screen reader get the same.

Every text that comes out of the copy goes through ``esc``: a rule's title or a place's name is never markup.
"""

from datetime import datetime

from tasks.dashboard import words
from tasks.dashboard.figures import Figures, Place
from tasks.dashboard.sections import clocks, duplicates, extracts, rules, steps
from tasks.dashboard.sums import NotReadableError
from tasks.findings_report.look import esc, number

SHADES = 5


def head(published: datetime) -> str:
    """Title, and the moment that every figure is of."""
    return (
        '<header class="dasbor"><p class="office">Sinkron · salinan analis</p><h1>Dasbor Anomali Data</h1>'
        f'<p class="lead">Keadaan per <b>{words.moment(published)}</b>, saat salinan diterbitkan. '
        "Umur dan sisa hari dihitung sampai hari itu.</p></header>"
    )


def body(figures: Figures, told: str) -> str:
    """All sections. ``told``: the filters in words."""
    sections = (_cards(figures), _tiles(figures), _places(figures), rules(figures), extracts(figures), steps(figures),
                clocks(figures), duplicates(figures))  # fmt: skip
    chosen = f'<p class="chosen"><b>Saringan:</b> {esc(told)}</p>'
    return f'<article class="dasbor">{chosen}{"".join(sections)}</article>'


def notice(heading: str, text: str) -> str:
    """A page with nothing to show and what to do about it."""
    return (
        f'<article class="dasbor"><p class="office">Sinkron · salinan analis</p><h1>Dasbor Anomali Data</h1>'
        f'<section class="notice" role="status"><h2>{esc(heading)}</h2><p>{esc(text)}</p></section></article>'
    )


def refusal(error: NotReadableError) -> str:
    """The page without figures: nothing was published yet, or nothing that can be read."""
    if error.missing:
        return notice(
            "Belum ada terbitan",
            "Salinan analis (published/sinkron.duckdb) dibuat setelah batch pertama selesai ditulis. "
            "Selesaikan satu batch, lalu muat ulang halaman ini.",
        )
    return notice(
        "Terbitan belum dapat dibaca",
        "Salinan analis ini dari versi lama atau rusak: belum memuat tabel yang dipakai dasbor. "
        "Salinan berikutnya, setelah batch berikutnya ditulis, sudah lengkap; muat ulang halaman ini sesudah itu.",
    )


def _cards(figures: Figures) -> str:
    whole = figures.whole
    running = [clock for clock in figures.clocks if clock.written is None]
    nearest = min(running, key=lambda clock: clock.left, default=None)
    cards = [
        ("temuan", number(whole.findings), "temuan pada semua berkas yang dipilih"),
        ("terbuka", number(whole.open), "masih terbuka menurut berkas terbaru"),
        ("umur", f"{words.decimal(whole.median_age)} hari",
         f"umur tengah; tertua {words.decimal(whole.oldest_age)} hari"),
        ("kasus", number(whole.cases), f"kasus menunggu; {number(whole.overdue)} lewat tenggat"),
        ("batas", words.left(nearest.left) if nearest else words.NOTHING,
         f"batas 60 hari terdekat (agenda {esc(nearest.agenda)})" if nearest
         else "tidak ada batas 60 hari yang berjalan"),
    ]  # fmt: skip
    items = "".join(f'<li data-angka="{name}"><b>{value}</b><span>{note}</span></li>' for name, value, note in cards)
    return f'<ul class="cards">{items}</ul>'


def _tiles(figures: Figures) -> str:
    """The kelurahan as a grid by kecamatan, darker where more is open."""
    city = [place for place in figures.places if place.no_kel]
    if not city:
        return ""
    most = max(place.open for place in city)
    blocks = ""
    for district in dict.fromkeys(place.no_kec for place in city):
        inside = [place for place in city if place.no_kec == district]
        tiles = "".join(_tile(place, most) for place in inside)
        total = number(sum(place.open for place in inside))
        blocks += (
            f'<div class="district"><h3>{esc(words.title(inside[0].district))} <small>{total} terbuka</small></h3>'
            f'<ul class="tiles">{tiles}</ul></div>'
        )
    return (
        '<section id="peta"><h2>Peta kelurahan</h2><p class="note">Satu kotak satu kelurahan, dikelompokkan menurut '
        "kecamatan (bukan peta menurut letak). Makin gelap, makin banyak temuan yang masih terbuka.</p>"
        f'<div class="districts">{blocks}</div></section>'
    )


def _tile(place: Place, most: int) -> str:
    shade = -(-SHADES * place.open // most) if most else 0
    age = f"umur tengah {words.decimal(place.median_age)} hari" if place.open else "tidak ada yang terbuka"
    name = esc(words.place(place))
    return f'<li class="s{shade}"><span>{name}</span><b>{number(place.open)}</b><small>{age}</small></li>'


def _places(figures: Figures) -> str:
    most = max((place.open for place in figures.places), default=0)
    rows = "".join(_place_row(place, most) for place in figures.places)
    heads = ('<th scope="col">Kelurahan</th><th scope="col">Kecamatan</th><th scope="col" class="n">Temuan</th>'
             '<th scope="col" class="n">Terbuka</th><th scope="col" aria-hidden="true"></th>'
             '<th scope="col" class="n">Umur tengah (hari)</th><th scope="col" class="n">Tertua (hari)</th>'
             '<th scope="col" class="n">Kasus</th><th scope="col" class="n">Lewat tenggat</th>')  # fmt: skip
    return (
        '<section id="kelurahan"><h2>Tunggakan dan umur menurut kelurahan</h2><p class="note">Terbuka: menurut berkas '
        "terbaru yang memuat temuan itu; bila agenda dipilih, menurut berkas agenda itu. Kasus: perkara yang menunggu "
        "daerah lain, warga, atau rekam biometrik; saringan aturan tidak berlaku untuk kasus.</p>"
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></section>'
    )


def _place_row(place: Place, most: int) -> str:
    width = 100 * place.open / most if most else 0
    late = f'<td class="n late">{number(place.overdue)}</td>' if place.overdue else '<td class="n">0</td>'
    return (
        f'<tr><th scope="row">{esc(words.place(place))}</th><td>{esc(words.title(place.district))}</td>'
        f'<td class="n">{number(place.findings)}</td><td class="n">{number(place.open)}</td>'
        f'<td class="meter"><i style="width:{width:.1f}%"></i></td><td class="n">{words.decimal(place.median_age)}</td>'
        f'<td class="n">{words.decimal(place.oldest_age)}</td><td class="n">{number(place.cases)}</td>{late}</tr>'
    )
