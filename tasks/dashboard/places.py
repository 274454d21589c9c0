"""Sections of the dashboard about places: the grid of kelurahan, and the table that adds up to the whole."""

from tasks.dashboard import words
from tasks.dashboard.figures import Figures, Line, Place
from tasks.dashboard.sections import section
from tasks.findings_report.look import esc, number

SHADES = 5
_HIDES = (
    "Salinan analis menyamarkan kelurahan orang yang cirinya terlalu jarang. Baris itu dihitung sendiri (kelurahan "
    "disamarkan, atau wilayah tidak diketahui), jadi angka satu kelurahan atau kecamatan adalah yang paling sedikit; "
    "tanda ? berarti tidak ada yang tampak, tetapi mungkin ada di antara yang disamarkan."
)
_BY_ROW_AND_PERSON = (
    "Temuan dihitung luar kota menurut barisnya, yang terbuka menurut orangnya; karena itu, pada luar kota atau "
    "wilayah yang tidak diketahui, yang terbuka dapat lebih banyak daripada temuannya."
)


def tiles(figures: Figures) -> str:
    """The kelurahan as a grid by kecamatan, darker where more is open; what is in no box beside it."""
    city = [place for place in figures.places if place.line in {Line.VILLAGE, Line.HIDDEN}]
    if not city:
        return ""
    most = max(place.open or 0 for place in city)
    blocks = ""
    for district in dict.fromkeys(place.no_kec for place in city):
        inside = [place for place in city if place.no_kec == district]
        total = words.count(sum(place.open or 0 for place in inside) or inside[0].open)
        boxes = "".join(_tile(place, most) for place in inside)
        blocks += (
            f'<div class="district"><h3>{esc(words.title(inside[0].district))} <small>{total} terbuka</small></h3>'
            f'<ul class="tiles">{boxes}</ul></div>'
        )
    beyond = [place for place in figures.places if place.line in {Line.OUTSIDE, Line.NOWHERE}]
    told = "; ".join(f"{esc(words.place(place))}: <b>{words.count(place.open)}</b> terbuka" for place in beyond)
    rest = f'<p class="note beyond">Di luar kotak-kotak ini: {told}.</p>' if told else ""
    note = (
        "Satu kotak satu kelurahan, dikelompokkan menurut kecamatan (bukan peta menurut letak). Makin gelap, makin "
        "banyak temuan yang masih terbuka."
    )
    return section("peta", "Peta kelurahan", note, f'<div class="districts">{blocks}</div>{rest}')


def _tile(place: Place, most: int) -> str:
    shade = f"s{-(-SHADES * (place.open or 0) // most) if most else 0}"
    age = f"umur tengah {words.decimal(place.median_age)} hari" if place.open else "tidak ada yang terbuka"
    if place.open is None:
        age = "disamarkan"
    look = "veiled" if place.line == Line.HIDDEN else shade
    return (
        f'<li class="{look}"><span>{esc(words.place(place))}</span><b>{words.count(place.open)}</b>'
        f"<small>{age}</small></li>"
    )


def table(figures: Figures) -> str:
    """What waits, and how long, by kelurahan; every kecamatan and the whole summed up."""
    sums = {Line.DISTRICT, Line.ALL}
    most = max((place.open or 0 for place in figures.places if place.line not in sums), default=0)
    # One kecamatan, or one kelurahan, is the whole: its sum is told once.
    once = {Line.DISTRICT} if sum(place.line == Line.DISTRICT for place in figures.places) == 1 else set()
    rows = [_row(place, most) for place in figures.places if place.line not in once]
    heads = ('<th scope="col">Kelurahan</th><th scope="col">Kecamatan</th><th scope="col" class="n">Temuan</th>'
             '<th scope="col" class="n">Terbuka</th><th scope="col" aria-hidden="true"></th>'
             '<th scope="col" class="n">Umur tengah (hari)</th><th scope="col" class="n">Tertua (hari)</th>'
             '<th scope="col" class="n">Kasus</th><th scope="col" class="n">Lewat tenggat</th>')  # fmt: skip
    note = (
        "Terbuka: menurut berkas terbaru yang memuat temuan itu; bila agenda dipilih, menurut berkas agenda itu. "
        "Kasus: perkara yang menunggu daerah lain, warga, atau rekam biometrik; saringan aturan tidak berlaku "
        "untuk kasus."
    )
    hides = f'<p class="note">{_HIDES}</p>' if _is_veiled(figures) else ""
    hides += f'<p class="note">{_BY_ROW_AND_PERSON}</p>' if _has_more_open(figures.places) else ""
    body = (
        f'{hides}<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(rows[:-1])}</tbody>'
        f"<tfoot>{rows[-1]}</tfoot></table></div>"
    )
    return section("kelurahan", "Tunggakan dan umur menurut kelurahan", note, body)


def _is_veiled(figures: Figures) -> bool:
    return bool(figures.hidden) or any(place.line in {Line.HIDDEN, Line.NOWHERE} for place in figures.places)


def _has_more_open(places: list[Place]) -> bool:
    """Whether a line shows more open than found: of one extract, where rows and people are told apart."""
    beyond = [place for place in places if place.line in {Line.OUTSIDE, Line.NOWHERE}]
    return any((place.open or 0) > (place.findings or 0) for place in beyond)


def hidden(figures: Figures) -> str:
    """With a place chosen: what may be of it and is not counted, because the copy hides where it lies."""
    if not figures.hidden:
        return ""
    told = "; ".join(f"{_counts(place)} ({_whose(place)})" for place in figures.hidden)
    more = f" {_BY_ROW_AND_PERSON}" if _has_more_open(figures.hidden) else ""
    return f'<p class="hint" role="status"><b>Mungkin termasuk, tetapi tidak dihitung di sini:</b> {told}.{more}</p>'


def _counts(place: Place) -> str:
    counts = ((place.findings, "temuan"), (place.open, "temuan terbuka"), (place.cases, "kasus"))
    return ", ".join(f"{number(count)} {name}" for count, name in counts if count)


def _whose(place: Place) -> str:
    if place.line == Line.HIDDEN:
        return f"Kecamatan {esc(words.title(place.district))}, kelurahan disamarkan"
    return words.place(place).lower()


def _row(place: Place, most: int) -> str:
    is_sum = place.line in {Line.DISTRICT, Line.ALL}
    width = 100 * (place.open or 0) / most if most and not is_sum else 0
    bar = "" if is_sum or not place.open else f'<i style="width:{width:.1f}%"></i>'
    late = ' class="n late"' if place.overdue else ' class="n"'
    return (
        f'<tr data-baris="{esc(place.line)}"{" class=sum" if is_sum else ""}><th scope="row">'
        f"{esc(words.place(place))}</th><td>{'' if is_sum else esc(words.title(place.district))}</td>"
        f'<td class="n">{words.count(place.findings)}</td>'
        f'<td class="n">{words.count(place.open)}</td><td class="meter">{bar}</td>'
        f'<td class="n">{words.decimal(place.median_age)}</td><td class="n">{words.decimal(place.oldest_age)}</td>'
        f'<td class="n">{words.count(place.cases)}</td><td{late}>{words.count(place.overdue)}</td></tr>'
    )
