"""Faults of ``kantor.toml``: all of them at once, each with its place, what stands there and what may."""

import json
from typing import Any

from tasks.errors import Problem
from tasks.office_settings.allowed import ALLOWED, PERSON, WATCHING
from tasks.toml_file import STEP

FILE = "kantor.toml"
PEOPLE = "pintu.orang"
SHOWN = 60  # letters of a value in a message
Table = dict[str, Any]


def faults(chosen: Table) -> list[Problem]:
    """What is wrong, section by section; nothing for a file that holds."""
    wrong = [fault for section in ALLOWED for fault in _section(chosen, section)]
    people = _table(chosen, PEOPLE)
    if not isinstance(people, dict):
        wrong.append(_no_section(PEOPLE, people))
    elif not all(PERSON.fullmatch(nip) and WATCHING.fits(role) for nip, role in people.items()):
        wrong.append(_fault(PEOPLE, "ada isian yang lain", f'"NIP 18 angka" = {WATCHING.told}'))
    return wrong + _halves(chosen)


def _section(chosen: Table, section: str) -> list[Problem]:
    """Each name of one section by itself."""
    table, allowed = _table(chosen, section), ALLOWED[section]
    if not isinstance(table, dict):
        return [_no_section(section, table)]
    wrong = []
    for name, value in table.items():
        place = f"{section}.{name}".lstrip(".")
        if place in ALLOWED or place == PEOPLE:
            continue
        if name not in allowed:
            wrong.append(_fault(place, "nama tidak dikenal", ", ".join([*allowed, *_sections_in(section)])))
        elif not allowed[name].fits(value):
            received = _shown(value) if allowed[name].shown else "isinya tidak demikian"
            wrong.append(_fault(place, received, allowed[name].told))
    return wrong


def _halves(chosen: Table) -> list[Problem]:
    """What one setting asks of another: a relay needs a sender, a door that must be used needs an address."""
    wrong = []
    notices, door = _table(chosen, "pemberitahuan"), _table(chosen, "pintu")
    if isinstance(notices, dict) and notices.get("surel") and "@" not in str(notices.get("dari", "")):
        wrong.append(
            _fault("pemberitahuan.dari", _shown(notices.get("dari", "")), "alamat pengirim, sebab surel diisi")
        )
    if isinstance(door, dict) and door.get("wajib") is True and not door.get("alamat"):
        wrong.append(_fault("pintu.alamat", '""', "https://nama-host, sebab wajib = true"))
    return wrong


def _table(chosen: Table, section: str) -> object:
    """A section's table, an empty one when it is absent or what it lies in is no table (told there)."""
    table: Any = chosen
    for name in section.split(".") if section else ():
        table = table.get(name, {}) if isinstance(table, dict) else {}
    return table


def _sections_in(section: str) -> list[str]:
    """Sections that lie in one, as they are written."""
    inner = (f"[{name}]" for name in [*ALLOWED, PEOPLE] if name and name.rpartition(".")[0] == section)
    return list(inner)


def _no_section(section: str, value: object) -> Problem:
    return _fault(section, _shown(value), f"bagian [{section}] dengan isian di bawahnya")


def _fault(place: str, received: str, allowed: str) -> Problem:
    return Problem(f"{FILE}, {place}", received, allowed, STEP)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."
