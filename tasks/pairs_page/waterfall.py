"""The waterfall of one pair: how the likelihood of one person moves, field by field, from before to after comparing.

Drawn here as SVG, because vl-convert needs 35 ms for a chart of altair and a page holds hundreds; the PNG is the same
drawing, rasterised by vl-convert in this process. Columns are fixed and labels are wrapped by letters, so that the
fonts of a machine change nothing. Direction is told by arrow, filling and sign too: a grey print loses no word of it.
"""

import html
import textwrap

from tasks.resolve.explain import SLIGHT, Explanation, FieldEvidence, of_hundred, strength

WIDTH, LABELS, PLOT, HEAD, ROW, FOOT = 640, 236, 268, 26, 24, 36
LETTERS, LINES, BOLD = 35, 2, 20  # of a label: what fits into LABELS in a wide font; a longer name is not bold
WORDS = LABELS + PLOT + 14  # where the words on the right begin
FOR, AGAINST, PALE, INK, SOFT, LINE = "#17745a", "#b8420f", "#fbe3d6", "#24303b", "#5a6672", "#c9d0d5"
FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
MARGIN = 6  # left of the labels
EDGE = 0.6  # bits beyond the outermost bar
LEAST = 3.6  # bits each side of even odds that are always shown: 10 and 90 percent
TICKS = ((0.0, "50 %"), (3.17, "90 %"), (-3.17, "10 %"), (6.63, "99 %"), (-6.63, "1 %"), (9.96, "99,9 %"),
         (-9.96, "0,1 %"), (13.29, "99,99 %"), (-13.29, "0,01 %"), (19.93, "99,9999 %"), (-19.93, "0,0001 %"),
         (29.9, "hampir pasti"), (-29.9, "hampir mustahil"))  # fmt: skip
TICK_ROOM = 48  # pixels from one tick to the next
BAR, TEXT = 12, 16  # height of a bar; from a row's top to its writing
TIP = 6  # length of an arrow's point
PNG_SCALE = 2.0


def waterfall(explanation: Explanation) -> str:
    """The chart as one ``<svg>`` element, ``WIDTH`` wide, without any value of the records."""
    levels = [explanation.start]
    for each in explanation.fields:
        levels.append(levels[-1] + each.bits)
    low, high = min(-LEAST, *levels) - EDGE, max(LEAST, *levels) + EDGE
    places = [LABELS + PLOT * (bits - low) / (high - low) for bits in (0.0, *levels)]
    even, place = places[0], places[1:]
    last = len(explanation.fields) + 1
    bottom = HEAD + (last + 1) * ROW
    parts = [_frame(even, bottom), _ticks((low, high), bottom)]
    parts.append(_end(0, "Sebelum dibandingkan", (even, place[0]), explanation.start))
    for at, each in enumerate(explanation.fields, start=1):
        parts.append(_step(at, each, (place[at - 1], place[at])))
    parts.append(_end(last, "Hasil", (even, place[-1]), explanation.final))
    parts += [_join(at, place[at - 1]) for at in range(1, last + 1)]
    height = bottom + FOOT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-MARGIN} 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" aria-label="Bukti per isian" font-family="{FONT}" font-size="11.5" '
        f'fill="{INK}">{"".join(parts)}</svg>'
    )


def waterfall_png(explanation: Explanation) -> bytes:
    """The same drawing as PNG on white, for documents that take no SVG."""
    import vl_convert

    drawn = waterfall(explanation)
    ground = drawn.replace(">", f'><rect x="-{MARGIN}" width="100%" height="100%" fill="#fff"/>', 1)
    return bytes(vl_convert.svg_to_png(ground, scale=PNG_SCALE))


def _frame(even: float, bottom: float) -> str:
    """Headings, and the line of even odds between their two sides."""
    right = LABELS + PLOT
    return (
        f'<path d="M{even:.1f} {HEAD - 4}V{bottom}" stroke="{SOFT}" stroke-dasharray="3 3"/>'
        f'<g font-weight="600"><text x="{LABELS}" y="16" fill="{AGAINST}">\u25c4 menentang</text>'
        f'<text x="{right}" y="16" fill="{FOR}" text-anchor="end">mendukung satu orang \u25ba</text></g>'
        f'<text x="{WORDS}" y="16" fill="{SOFT}">kekuatan (bit)</text>'
    )


def _ticks(domain: tuple[float, float], bottom: float) -> str:
    """The scale in percent, the best known ones first and none into another."""
    low, high = domain
    placed: list[float] = []
    told = []
    for bits, words in TICKS:
        at = LABELS + PLOT * (bits - low) / (high - low)
        if low <= bits <= high and all(abs(at - other) >= TICK_ROOM for other in placed):
            placed.append(at)
            told.append((at, words))
    marks = "".join(f"M{at:.1f} {bottom}v4" for at in placed)
    words = "".join(f'<text x="{at:.1f}" y="{bottom + 16}" font-size="10.5">{word}</text>' for at, word in told)
    middle = LABELS + PLOT / 2
    return (
        f'<path d="M{LABELS} {bottom}h{PLOT}{marks}" stroke="{LINE}"/><g text-anchor="middle" fill="{SOFT}">{words}'
        f'<text x="{middle}" y="{bottom + 31}">kemungkinan orang yang sama</text></g>'
    )


def _end(at: int, told: str, ends: tuple[float, float], bits: float) -> str:
    """A bar from even odds: before the first field, or after the last."""
    top = HEAD + at * ROW
    left, right = sorted(ends)
    last = at > 0
    chance = of_hundred(1 / (1 + 2**-bits)).replace("lebih dari ", "&gt;").replace("kurang dari ", "&lt;")
    fill, bold = (INK, "700") if last else ("#9aa5ae", "400")
    rule = f'<path d="M0 {top}H{WIDTH}" stroke="{LINE}"/>' if last else ""
    return (
        f'{rule}<rect x="{left:.1f}" y="{top + 6}" width="{max(right - left, 1.5):.1f}" height="{BAR}" fill="{fill}"/>'
        f'<text x="0" y="{top + TEXT}" font-weight="{bold}">{told}</text>'
        f'<text x="{WORDS}" y="{top + TEXT}" font-weight="{bold}">{chance}</text>'
    )


def _join(at: int, place: float) -> str:
    """The thread from one bar down to the next."""
    top = HEAD + at * ROW
    return f'<path d="M{place:.1f} {top - 6}V{top + 6}" stroke="{SOFT}" stroke-width=".8"/>'


def _step(at: int, each: FieldEvidence, ends: tuple[float, float]) -> str:
    """One field: label, arrow from where the likelihood was to where it is now, strength."""
    top = HEAD + at * ROW
    return f"{_label(each, top)}{_arrow(top, ends)}{_told(each, top)}"


def _label(each: FieldEvidence, top: float) -> str:
    lines = [html.escape(line) for line in textwrap.wrap(each.told, LETTERS, max_lines=LINES, placeholder=" \u2026")]
    label = html.escape(each.label)
    if len(each.label) <= BOLD and lines[0].startswith(label):
        lines[0] = f'<tspan font-weight="600">{label}</tspan>{lines[0][len(label) :]}'
    first = top + (TEXT if len(lines) == 1 else TEXT - 6)
    colour = INK if each.present else SOFT
    return "".join(
        f'<text x="0" y="{first + 12 * line}" fill="{colour}">{words}</text>' for line, words in enumerate(lines)
    )


def _arrow(top: float, ends: tuple[float, float]) -> str:
    start, end = ends
    if abs(end - start) < 1:
        return f'<circle cx="{end:.1f}" cy="{top + 12}" r="3" fill="#fff" stroke="{SOFT}"/>'
    way = 1 if end > start else -1
    neck = end - way * min(TIP, abs(end - start))
    look = f'fill="{FOR}" stroke="{FOR}"' if way > 0 else f'fill="{PALE}" stroke="{AGAINST}"'
    point = f"H{neck:.1f}L{end:.1f} {top + 12}L{neck:.1f} {top + 18}"
    return f'<path d="M{start:.1f} {top + 6}{point}H{start:.1f}z" {look}/>'


def _told(each: FieldEvidence, top: float) -> str:
    """``kuat +4,9``: the word for people, the bits small for whoever checks."""
    if not each.present:
        return f'<text x="{WORDS}" y="{top + TEXT}" fill="{SOFT}">-</text>'
    word = strength(each.bits) if abs(each.bits) >= SLIGHT else "hampir nol"
    bits = f"{each.bits:+.1f}".replace(".", ",").replace("-", "\u2212")
    return f'<text x="{WORDS}" y="{top + TEXT}">{word} <tspan font-size="9.5" fill="{SOFT}">{bits}</tspan></text>'
