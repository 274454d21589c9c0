"""Both records of a pair side by side, as a table that marks what differs."""

from collections import Counter

from expectations.codes import labels
from expectations.columns import BY_NAME, IDENTIFIERS
from expectations.matching import MatchingModel
from tasks.findings_report.look import esc
from tasks.privacy import label, mask_nik, scrub

LONGEST = 160  # letters of one value shown
SAME, OTHER, UNKNOWN = "=", "\u2260", "?"
READ = {SAME: "sama", OTHER: "berbeda", UNKNOWN: "tidak diisi"}
HIDDEN = "<small> berbeda pada angka tersamar</small>"
Record = dict[str, str | None]


def side_by_side(model: MatchingModel, sides: tuple[Record, Record], heads: tuple[str, str], *, unmasked: bool) -> str:
    """A table: per compared column its name, both values, and whether they are the same; in the chart's order.

    NIK and family card number are masked; a code is followed by its meaning.
    """
    left, right = sides
    names = {field.column: field.label for field in reversed(model.fields)}
    rows = []
    for column in dict.fromkeys((*(field.column for field in model.fields), *model.columns)):
        told = names.get(column) or (label(column) if column in BY_NAME else column)
        rows.append(_row(column, told, (left.get(column), right.get(column)), unmasked=unmasked))
    return (
        f'<table class="both"><thead><tr><th scope="col">Isian</th><th scope="col">{esc(heads[0])}</th>'
        f'<th></th><th scope="col">{esc(heads[1])}</th></tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def _row(column: str, told: str, values: tuple[str | None, str | None], *, unmasked: bool) -> str:
    raw = [" ".join((value or "").split()) for value in values]
    shown = [text if unmasked else _masked(column, text) for text in raw]
    sign = UNKNOWN if not all(raw) else SAME if raw[0] == raw[1] else OTHER
    meanings = labels(column)
    shown = [f"{text} {meanings[text]}" if text in meanings else text for text in shown]
    cells = [esc(text) or '<i class="none">tidak diisi</i>' for text in shown]
    if sign == OTHER:
        cells = list(marked(shown[0], shown[1])) if shown[0] != shown[1] else [cells[0], cells[1] + HIDDEN]
    css = {SAME: "same", OTHER: "other", UNKNOWN: "unknown"}[sign]
    return (
        f'<tr class="{css}"><th scope="row">{esc(told)}</th><td>{cells[0]}</td>'
        f'<td class="sign" title="{READ[sign]}">{sign}</td><td>{cells[1]}</td></tr>'
    )


def _masked(column: str, text: str) -> str:
    if column in IDENTIFIERS:
        return mask_nik(text) if text else ""
    return scrub(text[:LONGEST])


def marked(left: str, right: str) -> tuple[str, str]:
    """Both texts as HTML, with ``<mark>`` around the words that the other lacks; in one long word or number, the signs.

    >>> marked("SITI AMINAH", "SITI AMINA")
    ('SITI <mark>AMINAH</mark>', 'SITI <mark>AMINA</mark>')
    """
    left, right = left[:LONGEST], right[:LONGEST]
    if len(left) == len(right) and not left.isalpha() and " " not in left + right:
        apart = [a != b for a, b in zip(left, right, strict=True)]
        return _by_sign(left, apart), _by_sign(right, apart)
    mine, theirs = Counter(left.upper().split()), Counter(right.upper().split())
    return _by_word(left, mine - theirs), _by_word(right, theirs - mine)


def _by_sign(text: str, apart: list[bool]) -> str:
    told = "".join(f"<mark>{esc(sign)}</mark>" if other else esc(sign) for sign, other in zip(text, apart, strict=True))
    return told.replace("</mark><mark>", "")


def _by_word(text: str, lacking: "Counter[str]") -> str:
    told = []
    for word in text.split():
        other = lacking[word.upper()] > 0
        lacking[word.upper()] -= other
        told.append(f"<mark>{esc(word)}</mark>" if other else esc(word))
    return " ".join(told)
