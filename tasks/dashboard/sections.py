"""Sections of the dashboard about rules, extracts, steps of the SOP, the 60 days and duplicates."""

from expectations.cases import CENTRE_DAYS
from expectations.memory import MEANINGS, Label
from tasks.dashboard import words
from tasks.dashboard.figures import Clock, Figures, OpenCases, RuleCount, StepTime
from tasks.findings_report.look import esc, legend, mark, number, share

RULES_SHOWN = 20
SCALE = 2.5  # a step's bar ends at so many times its limit
SOON = 14  # days left from which a deadline is marked


def _section(name: str, heading: str, note: str, body: str) -> str:
    return f'<section id="{name}"><h2>{heading}</h2><p class="note">{note}</p>{body}</section>'


def _table(heads: tuple[str, ...], rows: list[str]) -> str:
    """``heads``: with "#" a column of numbers, "" a bar that says nothing the numbers do not."""
    cells = "".join(
        f'<th scope="col" class="n">{head[1:]}</th>' if head.startswith("#")
        else (f'<th scope="col">{head}</th>' if head else '<th aria-hidden="true"></th>') for head in heads
    )  # fmt: skip
    return (
        f'<div class="wide"><table><thead><tr>{cells}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
        if rows
        else '<p class="empty">Tidak ada untuk saringan ini.</p>'
    )


def rules(figures: Figures) -> str:
    """Rules by findings, with what is open and how often the office confirmed them."""
    shown, most = figures.rules[:RULES_SHOWN], max((rule.findings for rule in figures.rules), default=0)
    rest = len(figures.rules) - len(shown)
    more = f'<p class="note">dan {rest} aturan lain; semuanya ada pada unduhan Aturan.</p>' if rest else ""
    note = (
        "Temuan pada semua berkas yang dipilih; satu orang dapat kena beberapa aturan. Ketepatan: bagian temuan yang "
        "terbukti dari yang sudah diputus, seluruh kota dan semua agenda."
    )
    heads = ("", "Aturan", "#Temuan", "", "#Terbuka", "#Ketepatan")
    body = _table(heads, [_rule(rule, most) for rule in shown])
    return _section("aturan", "Anomali menurut aturan", note, f"{legend()}{body}{more}")


def _rule(rule: RuleCount, most: int) -> str:
    precision = words.NOTHING if rule.precision is None else f"{100 * rule.precision:.0f} %"
    width = 100 * rule.findings / most if most else 0
    return (
        f'<tr><td class="sev">{mark(rule.severity)}</td><th scope="row"><code>{esc(rule.code)}</code> '
        f'{esc(rule.title)}</th><td class="n">{number(rule.findings)}</td>'
        f'<td class="meter"><i class="{rule.severity.lower()}" '
        f'style="width:{width:.1f}%"></i></td><td class="n">{number(rule.open)}</td><td class="n">{precision}</td></tr>'
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
    return _section(
        "berkas", "Dibanding berkas sebelumnya", "Setiap temuan seseorang pada satu berkas, dibanding berkas-berkas "
        "sebelum itu.", f'<ul class="legend swatches">{swatches}</ul>{_table(heads, rows)}',
    )  # fmt: skip


def steps(figures: Figures) -> str:
    """How long the steps of the SOP take against their mutu baku."""
    note = (
        "Menit jam dinding: malam dan hari libur ikut terhitung, jadi lebih panjang dari jam kerja. Garis tegak: batas "
        "menurut SOP. Saringan kelurahan dan aturan tidak berlaku di sini."
    )
    heads = ("#Langkah", "Kegiatan", "Batas SOP", "Nilai tengah", "", "Terlama", "#Lewat batas")
    return _section("langkah", "Waktu langkah SOP", note, _table(heads, [_step(step) for step in figures.steps]))


def _step(step: StepTime) -> str:
    width = min(100 * step.median / (SCALE * step.limit), 100.0)
    over = " over" if step.median > step.limit else ""
    return (
        f'<tr><td class="n">{step.step}</td><th scope="row">{esc(step.activity)}'
        f"<small>{esc(words.role(step.role))}</small></th><td>{words.minutes(step.limit)}</td><td>{words.minutes(step.median)}</td>"
        f'<td class="meter limit{over}"><i style="width:{width:.1f}%"></i></td><td>{words.minutes(step.longest)}</td>'
        f'<td class="n{" late" if step.exceeded else ""}">{number(step.exceeded)} dari {number(step.times)}</td></tr>'
    )


def clocks(figures: Figures) -> str:
    """The centre's 60 days: per receipt, and per open case."""
    note = (
        f"Balasan ke pusat ditunggu dalam {CENTRE_DAYS} hari sejak diterima, juga ketika kasus menunggu. "
        "Agenda yang sudah ditulis berhenti dihitung."
    )
    by_agenda = _table(("Agenda", "Diterima", "Batas", "Sisa", ""), [_clock(clock) for clock in figures.clocks])
    heads = ("Kasus terbuka", "#Lewat", "#0-7 hari", "#8-14 hari", "#15-30 hari", "#Lebih dari 30")
    by_case = _table(heads, [_cases(cases) for cases in figures.cases])
    return _section(
        "batas", "Batas 60 hari", note,
        f'<div class="pair"><div><h3>Penerimaan</h3>{by_agenda}</div>'
        f"<div><h3>Kasus yang menunggu</h3>{by_case}</div></div>",
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


def _cases(cases: OpenCases) -> str:
    rest = "".join(f'<td class="n">{number(n)}</td>' for n in (cases.week, cases.fortnight, cases.month, cases.later))
    past = f'<td class="n{" late" if cases.past else ""}">{number(cases.past)}</td>'
    return f'<tr><th scope="row">{esc(cases.kind)}</th>{past}{rest}</tr>'


def duplicates(figures: Figures) -> str:
    """Pairs by band and kind, and what became of the groups of duplicates."""
    total, most = sum(n for _, _, n in figures.bands), max((n for _, _, n in figures.bands), default=0)
    rows = [
        f'<tr><th scope="row">{esc(words.band(band))}</th><td>{esc(words.kind(kind))}</td>'
        f'<td class="n">{number(n)}</td><td class="meter"><i style="width:{100 * n / most:.1f}%"></i></td>'
        f'<td class="n">{share(n, total)}</td></tr>'
        for band, kind, n in figures.bands
    ]
    events = [
        f'<tr><th scope="row">{words.EVENTS[name]}</th><td class="n">{number(figures.events[name])}</td></tr>'
        for name in words.EVENTS if name in figures.events
    ]  # fmt: skip
    pairs = _table(("Golongan", "Jenis", "#Pasangan", "", "#Bagian"), rows)
    body = (
        f'<div class="pair"><div><h3>Pasangan</h3>{pairs}</div>'
        f"<div><h3>Kasus ganda</h3>{_table(('Peristiwa', '#Kali'), events)}</div></div>"
    )
    note = (
        "Pasangan catatan yang mungkin satu orang, menurut golongan keyakinan, dan apa yang terjadi pada kasus ganda "
        "dari berkas ke berkas. Saringan kelurahan dan aturan tidak berlaku di sini."
    )
    return _section("ganda", "Kemungkinan ganda", note, body)
