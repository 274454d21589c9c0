"""What the page's address asks for: filters by name, so that a run's link, a bookmark and the form mean the same."""

from collections.abc import Mapping
from urllib.parse import urlencode

from tasks.dashboard import words
from tasks.dashboard.figures import Choices, Filters

# Name in the address -> the filter.
KEYS = {"kecamatan": "district", "kelurahan": "village", "aturan": "rule", "agenda": "agenda"}
NAMED = 12  # of what exists, when something else was asked for


def asked(given: Mapping[str, object], offered: Choices) -> tuple[Filters, dict[str, str]]:
    """The filters of an address, and for each that the copy does not know: what to say. An unknown one is all.

    A kelurahan must lie in the kecamatan asked for.
    """
    values: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for key, field in KEYS.items():
        value = given.get(key)
        value = value if isinstance(value, str) else ""
        known = _known(field, values.get("district", ""), offered)
        values[field] = value if value in known else ""
        if value and value not in known:
            unknown[field] = _refusal(key, value, known)
    return Filters(**values), unknown


def address(chosen: Filters) -> str:
    """The filters as an address asks for them: ``?kecamatan=02&agenda=2026-0001``; nothing when all is shown."""
    named = {key: getattr(chosen, field) for key, field in KEYS.items() if getattr(chosen, field)}
    return f"?{urlencode(named)}" if named else ""


def _known(field: str, district: str, offered: Choices) -> dict[str, str]:
    """What exists: value -> how it is told."""
    return {
        "district": {code: f"{code} {words.title(name)}" for code, name in offered.districts},
        "village": {
            key: f"{key} {words.title(name)}" for key, inside, name in offered.villages if district in {"", inside}
        },
        "rule": {code: code for code, _ in offered.rules},
        "agenda": {number: number for number in offered.agendas},
    }[field]


def _refusal(key: str, value: str, known: dict[str, str]) -> str:
    named = list(known.values())
    rest = f", dan {len(named) - NAMED} lainnya" if len(named) > NAMED else ""
    exist = f"Yang ada: {', '.join(named[:NAMED])}{rest}." if named else "Salinan ini belum memuat satu pun."
    later = " Agenda yang belum selesai ditulis muncul sesudah salinan berikutnya." if key == "agenda" else ""
    return f"{key.capitalize()} {value} tidak ada pada salinan ini, jadi ditampilkan semua {key}. {exist}{later}"
