"""The catalogue as one HTML page that opens without the internet and can be searched."""

from expectations.rules import CATALOGUE, MACROS, WHO_RESOLVES, Rule, Severity
from expectations.thresholds import THRESHOLDS
from tasks.catalogue import AFTER, EXAMPLE, GROUPS, SETTING, columns_of, condition, groups, limits, thresholds_of
from tasks.findings_report.look import document, esc, legend, mark, table


def as_html() -> str:
    """The whole catalogue as ``docs/katalog.html``."""
    links = "".join(f'<li><a href="#{prefix}">{title}</a></li>' for prefix, title in GROUPS.items())
    body = (
        '<header class="top"><div class="sheet"><p class="office">Sinkron · SOP Anomali Data</p><h1>Katalog aturan</h1>'
        f'<p class="lead">{len(CATALOGUE)} anomali yang diperiksa pada setiap penerimaan: apa artinya, siapa yang '
        "menyelesaikan, apa yang dilakukan, dan dari mana aturannya. Dibuat dari aturan yang dijalankan.</p>"
        "</div></header>"
        f'<nav aria-label="Kelompok"><ul>{links}<li><a href="#ambang">Ambang</a></li></ul></nav><main class="sheet">'
        f"<section>{_counts()}{legend()}</section><section>{_tools()}</section>"
        f"{''.join(_group(prefix, rules) for prefix, rules in groups().items())}{_thresholds()}{_words()}</main>"
    )
    return document("Katalog aturan", body)


def _counts() -> str:
    cards = [
        (len(CATALOGUE), "aturan"),
        *((sum(r.severity is s for r in CATALOGUE), mark(s)) for s in Severity),
        (sum(r.is_row for r in CATALOGUE), "dinilai per baris"),
        (len(THRESHOLDS), "ambang"),
    ]
    shown = "".join(f"<li><b>{count}</b><span>{told}</span></li>" for count, told in cards)
    return f'<ul class="cards">{shown}</ul>'


def _tools() -> str:
    ticks = "".join(f'<label><input type="checkbox" value="{s}" checked> {mark(s)}</label>' for s in Severity)
    hint = "Cari kode, kata, atau kolom"
    return (
        '<div class="tools" data-filters="details.card" hidden>'
        f'<input type="search" placeholder="{hint}" aria-label="{hint}">{ticks}<output></output></div>'
    )


def _group(prefix: str, rules: list[Rule]) -> str:
    note = f'<p class="note"><code>{prefix}</code> · {len(rules)} aturan</p>'
    return f'<section id="{prefix}"><h2>{GROUPS[prefix]}</h2>{note}{"".join(map(_rule, rules))}</section>\n'


def _rule(rule: Rule) -> str:
    limited = "<br>".join(f"<code>{t.name}</code> {esc(limits(t))}: {esc(t.meaning)}" for t in thresholds_of(rule))
    told = {
        "Penjelasan": esc(rule.told(rule.explanation)), "Yang dilakukan": esc(rule.told(rule.what_to_do)),
        "Penyelesaian": f"{WHO_RESOLVES[rule.resolution]} <small>({rule.resolution})</small>",
        "Dinilai per": str(rule.level), "Kolom": esc(columns_of(rule)), "Sumber": esc(rule.source), "Ambang": limited,
        "Syarat SQL": f"<pre>{_code(condition(rule))}</pre>",
    }  # fmt: skip
    facts = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in told.items() if text)
    return (
        f'<details class="card" id="{rule.code}" data-severity="{rule.severity}"><summary>'
        f'<span class="who"><code>{rule.code}</code></span><span class="where">{esc(rule.told(rule.title))}</span>'
        f'<span class="marks">{mark(rule.severity)}</span></summary>'
        f'<div class="inside"><dl>{facts}</dl></div></details>\n'
    )


def _code(text: str) -> str:
    """SQL keeps its lines."""
    return "\n".join(f"{' ' * (len(line) - len(line.lstrip()))}{esc(line)}" for line in text.splitlines())


def _thresholds() -> str:
    rows = [
        f'<tr><td class="code">{t.name}</td><td class="n">{t.value}</td>'
        f'<td class="n">{t.lowest}-{t.highest}</td><td>{t.unit}</td><td>{esc(t.meaning)}</td></tr>'
        for t in THRESHOLDS
    ]
    heads = ("Nama", "#Nilai", "#Batas", "Satuan", "Artinya")
    return (
        f'<section id="ambang"><h2>Ambang</h2><p class="note">{esc(SETTING.replace("`", ""))}</p>'
        f'<pre>{_code(EXAMPLE)}</pre><p class="note">{esc(AFTER)}</p>{table(heads, rows)}</section>'
    )


def _words() -> str:
    macros = "\n".join(_code(" ".join(macro.split())) for macro in MACROS)
    return (
        '<section><h2>Kata-kata dalam syarat SQL</h2><p class="note">Makro DuckDB yang dipakai syarat di atas.</p>'
        f"<pre>{macros}</pre></section>"
    )
