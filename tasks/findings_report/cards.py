"""The parts of the report that open: one card per person, one per rule."""

from expectations.hypotheses import REGISTER
from expectations.rules import BY_CODE, WHO_RESOLVES, Level, Rule
from tasks.findings_report.facts import Facts, RuleCount
from tasks.findings_report.look import esc, mark, number
from tasks.findings_report.persons import Cause, Line, Person, place_told
from tasks.privacy import label


def anchor(code: str) -> str:
    """Where a rule is explained on this page."""
    return f'<a href="#{code}"><code>{code}</code></a>'


def corrected(cause: Cause) -> str:
    """``Tanggal lahir diperbaiki (menurut data kantor)``. A NIK of the register is never changed, only the file's."""
    if cause.element == "nik":
        what = "NIK pada berkas diperbaiki"
        never = "; NIK di data kantor tidak pernah diubah" if cause.source == REGISTER else ""
        return f"{what} (menurut {esc(cause.source)}{never})"
    return f"{esc(label(cause.element))} diperbaiki (menurut {esc(cause.source)})"


def person_card(person: Person, thresholds: dict[str, int]) -> str:
    """One person: where the rows lie, the probable root cause, then every finding with what to do."""
    counts: dict[str, int] = {}
    for line in person.lines:
        counts[line.severity] = counts.get(line.severity, 0) + line.count
    marks = "".join(mark(severity, count) for severity, count in counts.items())
    first = person.causes[0] if person.causes else None
    why = (
        f'<span class="why">Akar masalah: bila {corrected(first)}, '
        f"<b>{first.resolved} dari {person.findings} temuan hilang</b></span>"
        if first
        else ""
    )
    gone = set(first.codes) if first else set()
    lines = "".join(_line(line, person, (line.code in gone, thresholds)) for line in person.lines)
    return (
        f'<details class="card" id="orang-{person.number}" data-severity="{" ".join(counts)}"><summary>'
        f'<span class="who">Orang {number(person.number)}</span><span class="where">{_where(person)}</span>'
        f'<span class="marks">{marks}</span>{why}</summary><div class="inside">'
        f'{_proposed(person)}{_causes(person)}<ul class="finds">{lines}</ul></div></details>\n'
    )


def _where(person: Person) -> str:
    rows = " · ".join(place.told for place in person.places)
    more = person.rows - len(person.places)
    regions = ", ".join(dict.fromkeys(place.region.title() for place in person.places))
    return f"{rows}{f' dan {number(more)} baris lain' if more else ''} · {esc(regions)}"


def _proposed(person: Person) -> str:
    """What the system proposed for the rows, as Staff first saw it."""
    told = dict.fromkeys(
        f"{place.outcome}{', perlu diputuskan orang' if place.needs_person else ''}"
        for place in person.places
        if place.outcome
    )
    return f'<p class="note">Usulan awal: {esc("; ".join(told))}</p>' if told else ""


def _causes(person: Person) -> str:
    parts = []
    for at, cause in enumerate(person.causes):
        codes = ", ".join(anchor(code) for code in cause.codes)
        new = f"; muncul {', '.join(anchor(code) for code in cause.raises)}" if cause.raises else ""
        head = "<b>Kemungkinan akar masalah.</b> B" if at == 0 else "B"
        parts.append(
            f'<div class="cause{" other" if at else ""}">{head}ila {corrected(cause)}, '
            f"<b>{cause.resolved} temuan hilang</b>: {codes}{new}</div>"
        )
    return "".join(parts)


def _line(line: Line, person: Person, about: tuple[bool, dict[str, int]]) -> str:
    goes, thresholds = about
    rule = BY_CODE[line.code]
    where = ""
    if line.count < person.rows:
        more = line.count - len(line.row_ids)
        rows = ", ".join(place_told(row_id) for row_id in line.row_ids)
        where = f" <small>({rows}{f' dan {number(more)} lain' if more else ''})</small>"
    gone = ' <span class="gone">↳ ikut hilang</span>' if goes else ""
    return (
        f"<li>{mark(line.severity)} {anchor(line.code)} {esc(rule.told(rule.title, thresholds))}{where}{gone}"
        f"<p>{esc(rule.told(rule.what_to_do, thresholds))}</p></li>"
    )


def rule_card(code: str, found: RuleCount | None, facts: Facts) -> str:
    """One rule explained, and the rows it flagged."""
    rule = BY_CODE[code]
    told = {name: esc(rule.told(text, facts.thresholds)) for name, text in
            (("title", rule.title), ("why", rule.explanation), ("do", rule.what_to_do))}  # fmt: skip
    rows = f'<dt class="rows">Baris</dt><dd class="rows">{_places(found)}</dd>' if found else ""
    count = f"{number(found.rows)} baris" if found else _unfound(rule, facts)
    return (
        f'<details class="card" id="{code}"><summary><span class="who"><code>{code}</code></span>'
        f'<span class="where">{told["title"]}</span><span class="marks">{mark(rule.severity)} {count}</span></summary>'
        f'<div class="inside"><dl><dt>Penjelasan</dt><dd>{told["why"]}</dd>'
        f"<dt>Yang dilakukan</dt><dd>{told['do']}</dd>"
        f"<dt>Penyelesaian</dt><dd>{WHO_RESOLVES[rule.resolution]} <small>({rule.resolution})</small></dd>"
        f"<dt>Dinilai per</dt><dd>{rule.level}; kolom {_columns(rule.columns)}</dd>"
        f"<dt>Sumber</dt><dd>{esc(rule.source)}</dd>{rows}</dl></div></details>\n"
    )


def _unfound(rule: Rule, facts: Facts) -> str:
    """Why a rule without findings is explained at all: it judges files, or could not judge all of them."""
    if rule.level is Level.FILE:
        return "lihat Berkas"
    partly = len(facts.lacking.get(rule.code, {})) < len(facts.receipt.files) and rule.code not in facts.without
    return "sebagian dinilai" if partly else "tidak dapat dinilai"


def _columns(names: tuple[str, ...]) -> str:
    return esc(", ".join(label(name) for name in names)) or "-"


def _places(found: RuleCount) -> str:
    parts = [f"berkas {file_no} baris {', '.join(map(str, lines))}" for file_no, lines in found.places.items()]
    more = found.rows - sum(len(lines) for lines in found.places.values())
    left = f" <b>dan {number(more)} baris lain</b>" if more else ""
    return f"{'; '.join(parts)}{left}"
