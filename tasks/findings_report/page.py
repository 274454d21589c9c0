"""The report as one HTML page. Every text from outside passes ``esc``; rows are named by file and line only."""

from expectations.rules import BY_CODE, WHO_RESOLVES, Resolution, Severity
from tasks.findings_report.cards import anchor, person_card, rule_card
from tasks.findings_report.charts import REGIONS_SHOWN, RULES_SHOWN, charts
from tasks.findings_report.facts import ROWS_PER_RULE, Facts, RegionCount
from tasks.findings_report.look import document, esc, legend, mark, number, share, table
from tasks.findings_report.persons import ROWS_PER_PERSON
from tasks.privacy import label

CONTENTS = {
    "ringkasan": "Ringkasan", "penyelesaian": "Siapa mengerjakan apa", "akar": "Akar masalah", "aturan": "Aturan",
    "kelurahan": "Kelurahan", "orang": "Orang", "penjelasan": "Penjelasan", "tidak-dinilai": "Tidak dinilai",
    "berkas": "Berkas",
}  # fmt: skip
FULL_LIST = (
    "Daftar lengkap: tabel <code>findings</code> di store kantor; setelah terbit, tabel <code>temuan</code> (tersamar) "
    "pada <code>published/sinkron.duckdb</code>. Baris yang perlu diputuskan orang semuanya ada di lembar kerja Staff."
)


def render(facts: Facts) -> str:
    """The whole page."""
    drawn = charts(facts)
    links = "".join(f'<li><a href="#{name}">{told}</a></li>' for name, told in CONTENTS.items())
    body = [
        '<p class="demo">DEMO - orang, kode dan data ini fiktif</p>' if facts.demo else "",
        _top(facts), f'<nav aria-label="Isi laporan"><ul>{links}</ul></nav><main class="sheet">',
        _summary(facts, drawn), _who(facts), _root_causes(facts, drawn), _rules(facts), _regions(facts),
        _persons(facts), _explained(facts), _unjudged(facts), _files(facts), _foot(facts), "</main>",
    ]  # fmt: skip
    return document(f"Laporan validasi agenda {facts.receipt.agenda}", "".join(body))


def _section(name: str, title: str, note: str, *content: str) -> str:
    told = f'<p class="note">{note}</p>' if note else ""
    return f'<section id="{name}"><h2>{title}</h2>{told}{"".join(content)}</section>\n'


def _top(facts: Facts) -> str:
    letter = facts.receipt.letter
    source = (
        f"{esc(letter['sender'])}, surat {esc(letter['number'])} tanggal {esc(letter['date'])}"
        if letter
        else "Staff: jawaban atas kasus yang menunggu"
        if facts.receipt.answers_cases
        else "pengirim tanpa surat pengantar"
    )
    return (
        '<header class="top"><div class="sheet"><p class="office">'
        "Dinas Kependudukan dan Pencatatan Sipil Kota Mojokerto</p>"
        f"<h1>Laporan validasi · agenda {esc(facts.receipt.agenda)}</h1>"
        f'<p class="lead">Diterima {facts.received_at:%d-%m-%Y pukul %H.%M} WIB dari {source}. Umur dan tanggal '
        "dinilai menurut hari itu. Laporan ini tidak memuat NIK, nama atau isian warga: baris disebut menurut nomor "
        "berkas dan nomor baris.</p></div></header>"
    )


def _summary(facts: Facts, drawn: dict[str, str]) -> str:
    done = facts.done["validate", 0]
    rows, found, findings = facts.done["load", 0]["loaded"], done["rows"], done["findings"]
    causes, resolved = sum(c.rows for c in facts.causes), sum(c.resolved for c in facts.causes)
    cards = (
        (rows, "baris dinilai"), (found, f"baris dengan temuan ({share(found, rows)})"), (findings, "temuan"),
        (len(facts.rules), "aturan yang menemukan sesuatu"), (facts.persons.total, "orang dengan temuan"),
        (resolved, f"temuan hilang bila {number(causes)} akar masalah diperbaiki"),
    )  # fmt: skip
    shown = "".join(f"<li><b>{number(count)}</b><span>{told}</span></li>" for count, told in cards)
    parts = {severity: facts.by_severity.get(severity, (0, 0)) for severity in Severity}
    split = "".join(f'<i class="{s.lower()}" style="flex:{n}"></i>' for s, (n, _) in parts.items() if n)
    counts = table(
        ("Keparahan", "#Temuan", "#Bagian", "#Baris"),
        [f'<tr><td>{mark(s)}</td><td class="n">{number(n)}</td><td class="n">{share(n, findings)}</td>'
         f'<td class="n">{number(r)}</td></tr>' for s, (n, r) in parts.items()],
    )  # fmt: skip
    pictures = "".join((
        _figure(drawn, "rules", f"Temuan menurut aturan, {RULES_SHOWN} terbanyak"),
        _figure(drawn, "regions", f"Temuan menurut kelurahan, {REGIONS_SHOWN} terbanyak"),
    ))  # fmt: skip
    return _section(
        "ringkasan", "Ringkasan", "", f'<ul class="cards">{shown}</ul>',
        f'<div class="split" aria-hidden="true">{split}</div>',
        legend(), "<h3>Menurut keparahan</h3>", counts, f'<div class="charts">{pictures}</div>',
    )  # fmt: skip


def _figure(drawn: dict[str, str], name: str, caption: str) -> str:
    colours = " ".join(mark(severity) for severity in Severity) if name in {"rules", "regions"} else ""
    small = f"<small>{colours}</small>" if colours else ""
    return f"<figure><figcaption>{caption}{small}</figcaption>{drawn[name]}</figure>" if name in drawn else ""


def _meter(parts: dict[str, int], most: int) -> str:
    """A bar as wide as the count, for the eye; the number stands beside it."""
    bars = "".join(
        f'<i class="{css}" style="width:{100 * count / max(most, 1):.1f}%"></i>'
        for css, count in parts.items()
        if count
    )
    return f'<td class="meter" aria-hidden="true">{bars}</td>'


def _who(facts: Facts) -> str:
    most = max((findings for findings, _ in facts.by_resolution.values()), default=0)
    rows = []
    for resolution in sorted(Resolution, key=lambda r: -facts.by_resolution.get(r, (0, 0))[0]):
        findings, lines = facts.by_resolution.get(resolution, (0, 0))
        if findings:
            codes = [c.rule.code for c in facts.rules if c.rule.resolution is resolution][:3]
            told = WHO_RESOLVES[resolution]
            rows.append(
                f"<tr><td>{told[0].upper()}{told[1:]} <small>({resolution})</small></td>"
                f'<td class="n">{number(findings)}</td>{_meter({"calm": findings}, most)}'
                f'<td class="n">{number(lines)}</td>'
                f"<td>{', '.join(map(anchor, codes))}</td></tr>"
            )
    note = (
        "Setiap temuan punya satu jalan keluar. NIK tidak pernah diubah, dan tidak ada yang ditulis sebelum disetujui."
    )
    heads = ("Yang diperlukan", "#Temuan", "", "#Baris", "Terbanyak")
    return _section("penyelesaian", "Siapa mengerjakan apa", note, table(heads, rows))


def _root_causes(facts: Facts, drawn: dict[str, str]) -> str:
    rows = [
        f'<tr><td>{esc(label(c.element))}</td><td>{esc(c.source)}</td><td class="n">{number(c.rows)}</td>'
        f'<td class="n">{number(c.resolved)}</td></tr>'
        for c in facts.causes
    ]
    note = (
        "Satu isian yang salah dapat menimbulkan beberapa temuan. Tiap isian dicoba diganti menurut data kantor atau "
        "angka NIK, lalu barisnya dinilai ulang oleh aturan per baris; yang paling banyak menghilangkan temuan "
        "adalah kemungkinan akar masalah. Ini petunjuk, bukan perubahan."
    )
    listed = table(("Bila diperbaiki", "Menurut", "#Baris", "#Temuan hilang"), rows) if rows else "<p>Tidak ada.</p>"
    pictures = "".join((
        _figure(drawn, "causes", "Temuan yang hilang menurut akar masalah"),
        _figure(drawn, "spread", "Baris menurut banyaknya temuan"),
    ))  # fmt: skip
    return _section("akar", "Akar masalah", note, listed, f'<div class="charts">{pictures}</div>')


def _rules(facts: Facts) -> str:
    total = facts.done["load", 0]["loaded"]
    most = max((c.rows for c in facts.rules), default=0)
    rows = [
        f'<tr data-severity="{c.rule.severity}"><td class="code">{anchor(c.rule.code)}</td>'
        f"<td>{esc(c.rule.told(c.rule.title, facts.thresholds))}</td><td>{mark(c.rule.severity)}</td>"
        f"<td>{WHO_RESOLVES[c.rule.resolution]}</td>"
        f'<td class="n">{number(c.rows)}</td>{_meter({c.rule.severity.lower(): c.rows}, most)}'
        f'<td class="n">{share(c.rows, total)}</td></tr>'
        for c in facts.rules
    ]
    heads = ("Kode", "Temuan", "Keparahan", "Yang diperlukan", "#Baris", "", "#Bagian")
    note = "Satu aturan menandai satu baris paling banyak satu kali. Kode membuka penjelasannya."
    tools = _tools("#aturan tbody tr", "Cari kode atau kata")
    return _section("aturan", "Temuan menurut aturan", note, tools, table(heads, rows))


def _tools(items: str, hint: str) -> str:
    """Search box and severities; hidden until the script that serves them runs."""
    ticks = "".join(
        f'<label><input type="checkbox" value="{s}" checked> {mark(s)}</label>' for s in Severity
    )  # fmt: skip
    return (
        f'<div class="tools" data-filters="{items}" hidden>'
        f'<input type="search" placeholder="{hint}" aria-label="{hint}">'
        f"{ticks}<output></output></div>"
    )


def _regions(facts: Facts) -> str:
    most = max((sum(r.severities.values()) for r in facts.regions), default=0)
    rows = [_region(r, most) for r in facts.regions]
    heads = ("Kelurahan", "#Baris", "#Dengan temuan", "#Temuan", "", "#Salah", "#Periksa", "#Catatan")
    note = "Menurut kode wilayah pada berkas. Daerah lain dijumlahkan: datanya dirujuk, tidak pernah ditulis."
    return _section("kelurahan", "Temuan menurut kelurahan", note, table(heads, rows))


def _region(region: RegionCount, most: int) -> str:
    findings = sum(region.severities.values())
    by_severity = "".join(f'<td class="n">{number(region.severities[s])}</td>' for s in Severity)
    return (
        f'<tr><td>{esc(region.name.title())}</td><td class="n">{number(region.rows)}</td>'
        f'<td class="n">{number(region.found)} ({share(region.found, region.rows)})</td>'
        f'<td class="n">{number(findings)}</td>'
        f"{_meter({'calm': findings}, most)}{by_severity}</tr>"
    )


def _persons(facts: Facts) -> str:
    shown, left = facts.persons.shown, facts.persons.total - len(facts.persons.shown)
    note = (
        "Baris yang dikenali sebagai satu orang disatukan, walau datang dalam beberapa berkas. Yang paling banyak "
        "salah dahulu; nomor orang hanya berlaku di halaman ini. "
        f"Paling banyak {ROWS_PER_PERSON} baris disebut per orang."
    )
    more = f"<p><b>{number(left)} orang lain tidak ditampilkan.</b> {FULL_LIST}</p>" if left else ""
    printed = '<p class="paper note">Cetakan memuat 25 orang pertama; selebihnya ada di berkas HTML ini.</p>'
    cards = "".join(person_card(person, facts.thresholds) for person in shown)
    tools = _tools("#orang details", "Cari, mis. berkas 1 baris 123")
    return _section("orang", f"Temuan per orang ({number(len(shown))} dari {number(facts.persons.total)})", note,
                    more, printed, tools, f'<div class="persons">{cards}</div>')  # fmt: skip


def _explained(facts: Facts) -> str:
    found = {count.rule.code: count for count in facts.rules}
    named = {code for person in facts.persons.shown for cause in person.causes for code in cause.raises}
    told = {anomaly["code"] for file in facts.receipt.files for anomaly in file["anomalies"]}
    cards = "".join(rule_card(code, found.get(code), facts) for code in BY_CODE
                    if code in {*found, *facts.lacking, *facts.without, *named, *told})  # fmt: skip
    note = f"Paling banyak {ROWS_PER_RULE} baris disebut per aturan. {FULL_LIST}"
    return _section("penjelasan", "Penjelasan aturan dan barisnya", note, cards)


def _unjudged(facts: Facts) -> str:
    names = {number: f"berkas {number}" for number, _ in enumerate(facts.receipt.files, start=1)}
    rows = [
        f'<tr><td class="code">{anchor(code)}</td>'
        f"<td>{esc(BY_CODE[code].told(BY_CODE[code].title, facts.thresholds))}</td>"
        f"<td>{esc('; '.join(_lacks(names[file_no], columns) for file_no, columns in why.items()))}</td></tr>"
        for code, why in facts.lacking.items()
    ]
    rows += [
        f'<tr><td class="code">{anchor(code)}</td>'
        f"<td>{esc(BY_CODE[code].told(BY_CODE[code].title, facts.thresholds))}</td><td>{esc(why)}</td></tr>"
        for code, why in facts.without.items()
    ]
    note = (
        "Aturan ini tidak menilai berkas yang tidak memuat kolomnya, atau tidak punya pembanding. "
        "Tidak dinilai bukan berarti benar."
    )
    listed = table(("Kode", "Aturan", "Sebab"), rows) if rows else "<p>Semua aturan menilai semua berkas.</p>"
    return _section("tidak-dinilai", "Yang tidak dapat dinilai", note, listed)


def _lacks(file: str, columns: list[str]) -> str:
    return f"{file} tanpa kolom {', '.join(label(name) for name in columns)}"


def _files(facts: Facts) -> str:
    rows, anomalies = [], []
    for file_no, file in enumerate(facts.receipt.files, start=1):
        place = f", {file['place']}" if file["place"] else ""
        header = f"judul baris {file['header_line']}" if file["header_line"] else "judul dari struktur berkas"
        rows.append(
            f'<tr><td class="n">{file_no}</td><td>{esc(file["name"])}<br>'
            f"<small>SHA-256 {file['sha256'][:16]}…</small></td>"
            f"<td>{esc(file['layout'])}{esc(place)}; {header}</td>"
            f'<td class="n">{number(file["received"])}</td><td class="n">{number(file["loaded"])}</td>'
            f'<td class="n">{number(file["rejected"])}</td></tr>'
        )
        anomalies += [
            f'<tr><td class="n">{file_no}</td><td class="code">{anchor(a["code"])}</td>'
            f'<td class="n">{number(a["count"])}</td><td>{esc(a["told"])}</td></tr>'
            for a in file["anomalies"]
        ]
    heads = ("#Berkas", "Nama", "Tata letak", "#Diterima", "#Dimuat", "#Ditolak")
    odd = table(("#Berkas", "Kode", "#Banyaknya", "Keterangan"), anomalies) if anomalies else "<p>Tidak ada.</p>"
    changed = "; ".join(
        f"{esc(t.meaning)}: <b>{value} {t.unit}</b> (katalog {t.value})" for t, value in facts.changed_thresholds
    )
    told = f"Ambang yang ditetapkan kantor: {changed}." if changed else "Semua ambang menurut katalog."
    return _section("berkas", "Berkas dan ambang", "", table(heads, rows), "<h3>Kejanggalan berkas</h3>", odd,
                    "<h3>Ambang</h3>", f"<p>{told}</p>")  # fmt: skip


def _foot(facts: Facts) -> str:
    return (
        f"<footer>Sinkron · SOP Anomali Data · agenda {esc(facts.receipt.agenda)}. Satu berkas, tanpa alamat luar; isi "
        "yang sama memberi bita yang sama. Katalog lengkap: docs/katalog.html.</footer>"
    )
