"""Sections of the dashboard about rules, extracts, the 60 days and duplicates; the frame of every section."""

from expectations.cases import CENTRE_DAYS
from expectations.memory import MEANINGS, Label
from tasks.dashboard import words
from tasks.dashboard.figures import Clock, Figures, OpenCases, RuleCount
from tasks.findings_report.look import esc, legend, mark, number, share

RULES_SHOWN = 20
SOON = 14  # days left from which a deadline is marked


def section(name: str, heading: str, note: str, body: str) -> str:
    """One section; ``name``: its address on the page."""
    return f'<section id="{name}"><h2>{heading}</h2><p class="note">{note}</p>{body}</section>'


def table(heads: tuple[str, ...], rows: list[str], foot: str = "") -> str:
    """``heads``: with "#" a column of numbers, "" a bar that says nothing the numbers do not. ``foot``: the sum."""
    cells = "".join(
        f'<th scope="col" class="n">{head[1:]}</th>' if head.startswith("#")
        else (f'<th scope="col">{head}</th>' if head else '<th aria-hidden="true"></th>') for head in heads
    )  # fmt: skip
    return (
        f'<div class="wide"><table><thead><tr>{cells}</tr></thead><tbody>{"".join(rows)}</tbody>'
        f"<tfoot>{foot}</tfoot></table></div>"
        if rows
        else '<p class="empty">Tidak ada untuk saringan ini.</p>'
    )


def total(*cells: int | None) -> str:
    """The line that adds up: the word, then numbers, None for a column without a sum."""
    told = "".join("<td></td>" if cell is None else f'<td class="n">{number(cell)}</td>' for cell in cells)
    return f'<tr class="sum"><th scope="row">{words.TOTAL}</th>{told}</tr>'


def rules(figures: Figures) -> str:
    """Rules by findings, with what is open and how often the office confirmed them."""
    shown, rest = figures.rules[:RULES_SHOWN], figures.rules[RULES_SHOWN:]
    most = max((rule.findings or 0 for rule in figures.rules), default=0)
    note = (
        "Temuan pada semua berkas yang dipilih; satu orang dapat kena beberapa aturan. Seluruh kota: semua temuan "
        "aturan itu, juga yang aturannya disamarkan pada baris orang (saringan wilayah tidak berlaku). Ketepatan: "
        "bagian temuan yang terbukti dari yang sudah diputus, seluruh kota dan semua agenda."
    )
    heads = ("Aturan", "Berat", "#Temuan", "", "#Terbuka", "#Seluruh kota", "#Ketepatan")
    rows = [_rule(rule, most) for rule in shown]
    if rest:
        found, still, city = _sums(rest)
        told = f"{len(rest)} aturan lain; semuanya ada pada unduhan Aturan"
        rows.append(
            f'<tr><th scope="row">{told}</th><td></td><td class="n">{number(found)}</td><td></td>'
            f'<td class="n">{number(still)}</td><td class="n">{number(city)}</td><td></td></tr>'
        )
    found, still, city = _sums(figures.rules)
    foot = total(None, found, None, still, city, None)
    return section("aturan", "Anomali menurut aturan", note, f"{legend()}{table(heads, rows, foot)}")


def _sums(found: list[RuleCount]) -> tuple[int, int, int]:
    """Findings, open ones, those of the whole city."""
    return (
        sum(rule.findings or 0 for rule in found), sum(rule.open or 0 for rule in found),
        sum(rule.city or 0 for rule in found),
    )  # fmt: skip


def _rule(rule: RuleCount, most: int) -> str:
    precision = words.NOTHING if rule.precision is None else f"{100 * rule.precision:.0f} %"
    width = 100 * (rule.findings or 0) / most if most else 0
    look = rule.severity.lower() or "mixed"
    bar = f'<i class="{look}" style="width:{width:.1f}%"></i>' if rule.findings else ""
    city = words.NOTHING if rule.city is None else number(rule.city)
    code = f"<code>{esc(rule.code)}</code> " if rule.code else ""
    severity = mark(rule.severity) if rule.severity else words.SEVERITIES
    return (
        f'<tr><th scope="row">{code}{esc(rule.title)}</th><td class="sev">{severity}</td>'
        f'<td class="n">{words.count(rule.findings)}</td><td class="meter">{bar}</td>'
        f'<td class="n">{words.count(rule.open)}</td><td class="n">{city}</td><td class="n">{precision}</td></tr>'
    )


def extracts(figures: Figures) -> str:
    """What every extract said, against those before it."""
    most = max((sum(extract.counts.values()) for extract in figures.extracts), default=0)
    rows = []
    for extract in figures.extracts:
        counts = [extract.counts.get(label, 0) for label in words.LABELS]
        parts = "".join(
            f'<i class="l{at}" style="width:{100 * count / most:.2f}%"></i>' for at, count in enumerate(counts) if count
        )
        cells = "".join(f'<td class="n">{number(count)}</td>' for count in counts)
        rows.append(
            f'<tr><th scope="row">{esc(extract.agenda)}<small>{words.day(extract.received)}</small></th>{cells}'
            f'<td class="meter stack">{parts}</td></tr>'
        )
    swatches = "".join(
        f'<li><i class="l{at}" aria-hidden="true"></i><b>{label}</b> {MEANINGS[Label(label)]}</li>'
        for at, label in enumerate(words.LABELS)
    )
    heads = ("Agenda", *(f"#{label.capitalize()}" for label in words.LABELS), "")
    sums = (sum(extract.counts.get(label, 0) for extract in figures.extracts) for label in words.LABELS)
    foot = total(*sums, None)
    return section(
        "berkas", "Dibanding berkas sebelumnya", "Setiap temuan seseorang pada satu berkas, dibanding berkas-berkas "
        "sebelum itu.", f'<ul class="legend swatches">{swatches}</ul>{table(heads, rows, foot)}',
    )  # fmt: skip


def clocks(figures: Figures) -> str:
    """The centre's 60 days: per receipt, and per open case."""
    note = (
        f"Balasan ke pusat ditunggu dalam {CENTRE_DAYS} hari sejak diterima, juga ketika kasus menunggu. "
        "Agenda yang sudah ditulis berhenti dihitung."
    )
    by_agenda = table(("Agenda", "Diterima", "Batas", "Sisa", ""), [_clock(clock) for clock in figures.clocks])
    heads = ("Kasus terbuka", "#Lewat", "#0-7 hari", "#8-14 hari", "#15-30 hari", "#Lebih dari 30")
    sums = (sum(column) for column in zip(*(_days(cases) for cases in figures.cases), strict=True))
    by_case = table(heads, [_cases(cases) for cases in figures.cases], total(*sums))
    return section(
        "batas", "Batas 60 hari", note,
        f"<h3>Penerimaan</h3>{by_agenda}<h3>Kasus yang menunggu</h3>{by_case}",
    )  # fmt: skip


def _clock(clock: Clock) -> str:
    used = min(max(100 * (CENTRE_DAYS - clock.left) / CENTRE_DAYS, 0), 100)
    state = "done" if clock.written else "late" if clock.left < 0 else "soon" if clock.left <= SOON else "calm"
    told = f"ditulis {words.day(clock.written)}" if clock.written else words.left(clock.left)
    return (
        f'<tr><th scope="row">{esc(clock.agenda)}</th><td>{words.day(clock.received)}</td>'
        f'<td>{words.day(clock.due)}</td><td class="{state}">{told}</td>'
        f'<td class="meter"><i class="{state}" style="width:{used:.1f}%"></i></td></tr>'
    )


def _days(cases: OpenCases) -> tuple[int, ...]:
    return (cases.past, cases.week, cases.fortnight, cases.month, cases.later)


def _cases(cases: OpenCases) -> str:
    past, *rest = _days(cases)
    cells = "".join(f'<td class="n">{number(n)}</td>' for n in rest)
    late = ' class="n late"' if past else ' class="n"'
    return f'<tr><th scope="row">{esc(cases.kind)}</th><td{late}>{number(past)}</td>{cells}</tr>'


def duplicates(figures: Figures) -> str:
    """Pairs by band and kind, and what became of the groups of duplicates."""
    pairs, most = sum(n for _, _, n in figures.bands), max((n for _, _, n in figures.bands), default=0)
    rows = [
        f'<tr><th scope="row">{esc(words.band(band))}</th><td>{esc(words.kind(kind))}</td>'
        f'<td class="n">{number(n)}</td><td class="meter"><i style="width:{100 * n / most:.1f}%"></i></td>'
        f'<td class="n">{share(n, pairs)}</td></tr>'
        for band, kind, n in figures.bands
    ]
    events = [
        f'<tr><th scope="row">{esc(words.EVENTS.get(name, name))}</th><td class="n">{number(count)}</td></tr>'
        for name, count in sorted(figures.events.items(), key=lambda event: words.event_place(event[0]))
    ]
    by_band = table(("Golongan", "Jenis", "#Pasangan", "", "#Bagian"), rows, total(None, pairs, None, None))
    by_event = table(("Peristiwa", "#Kali"), events, total(sum(figures.events.values())))
    body = f'<div class="pair"><div><h3>Pasangan</h3>{by_band}</div><div><h3>Kasus ganda</h3>{by_event}</div></div>'
    note = (
        "Pasangan catatan yang mungkin satu orang, menurut golongan keyakinan, dan apa yang terjadi pada kasus ganda "
        "dari berkas ke berkas. Saringan kelurahan dan aturan tidak berlaku di sini."
    )
    return section("ganda", "Kemungkinan ganda", note, body)
