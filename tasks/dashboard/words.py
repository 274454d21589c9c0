"""How the dashboard says things: Indonesian words of labels, roles, bands and kinds, dates, spans of time."""

from datetime import date, datetime

from expectations.approvals import LEVELS
from expectations.matching import BAND_WORDS, shipped
from expectations.memory import Label
from tasks.dashboard.figures import Choices, Filters, Line, Place
from tasks.findings_report.look import number

BESIDES_VILLAGES = {
    Line.HIDDEN: "Kelurahan disamarkan",
    Line.OUTSIDE: "Luar kota",
    Line.NOWHERE: "Wilayah disamarkan atau tidak diketahui",
    Line.ALL: "Jumlah",
}
NOTHING, UNSURE, TOTAL = "-", "?", "Jumlah"
SEVERITIES = "berbagai"  # of rules that the copy does not name
MINUTES_AN_HOUR, MINUTES_A_DAY = 60, 1440
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
    "Desember",
)  # fmt: skip
LABELS = tuple(label.value for label in Label)
EVENTS = {"baru": "baru", "tetap": "tetap", "tumbuh": "bertambah orang", "susut": "berkurang orang",
          "gabung": "bergabung", "pecah": "pecah", "tutup": "ditutup"}  # fmt: skip


def day(value: date) -> str:
    """``2026-11-20`` -> ``20 November 2026``."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """A time of the office's clock: ``20 November 2026 pukul 09.30 WIB``."""
    return f"{day(value.date())} pukul {value:%H.%M} WIB"


def decimal(value: float | None) -> str:
    """A number of days or the like: ``219`` or ``12,5``; a dash for None."""
    if value is None:
        return NOTHING
    return number(int(value)) if value == int(value) else f"{value:.1f}".replace(".", ",")


def minutes(value: float) -> str:
    """``45`` -> ``45 mnt``; ``381`` -> ``6 j 21 mnt``; ``2000`` -> ``1 hr 9 j``."""
    whole = round(value)
    if whole < MINUTES_AN_HOUR:
        return f"{whole} mnt"
    if whole < MINUTES_A_DAY:
        hours, rest = divmod(whole, MINUTES_AN_HOUR)
        return f"{hours} j {rest} mnt" if rest else f"{hours} j"
    days, rest = divmod(whole, MINUTES_A_DAY)
    return f"{number(days)} hr {rest // MINUTES_AN_HOUR} j"


def left(days: int) -> str:
    """Days until a deadline, as people say it."""
    if days < 0:
        return f"lewat {number(-days)} hari"
    return "hari ini" if days == 0 else f"{number(days)} hari lagi"


def place(one: Place) -> str:
    """What a line of places is about: a kelurahan's name, or what else adds up to the sum."""
    if one.line == Line.DISTRICT:
        return f"Jumlah {title(one.district)}"
    return title(one.village) if one.line == Line.VILLAGE else BESIDES_VILLAGES[Line(one.line)]


def count(value: int | None) -> str:
    """A number; a question mark where the copy hides whether there is any."""
    return UNSURE if value is None else number(value)


def title(text: str) -> str:
    """A place's name as people write it: ``GUNUNG GEDANGAN`` -> ``Gunung Gedangan``."""
    return text.title()


def role(name: str) -> str:
    """A post as the SOP calls it."""
    return LEVELS[name].title if name in LEVELS else name


def event_place(name: str) -> int:
    """Where an event of a group of duplicates stands among the others; an unknown one last."""
    return [*EVENTS, name].index(name)


def band(name: str) -> str:
    """A matching band as sheets and reports of the office say it."""
    return BAND_WORDS.get(name, name)


def kind(name: str) -> str:
    """A kind of pair in the matching model's words."""
    found = {each.name: each.words for each in shipped("penduduk").kinds}
    return found.get(name, name) or "lainnya atau disamarkan"


def chosen(filters: Filters, offered: Choices) -> str:
    """The filters as one line for the head and the print."""
    districts, rules = dict(offered.districts), dict(offered.rules)
    villages = {key: name for key, _, name in offered.villages}
    told = [
        f"Kecamatan {title(districts.get(filters.district, filters.district))}" if filters.district else "",
        f"Kelurahan {title(villages.get(filters.village, filters.village))}" if filters.village else "",
        f"Aturan {filters.rule} {rules.get(filters.rule, '')}" if filters.rule else "",
        f"Agenda {filters.agenda}" if filters.agenda else "",
    ]
    return " · ".join(part for part in told if part) or "seluruh kota, semua aturan, semua agenda"
