"""The rule catalogue as pages for people, made from the rule objects: ``python -m tasks.catalogue`` (``make docs``)."""

import re
import textwrap
from pathlib import Path

from expectations.columns import BY_NAME
from expectations.rules import CATALOGUE, MACROS, WHO_RESOLVES, Level, Rule, Severity
from expectations.thresholds import THRESHOLDS, Threshold

DOCS = Path(__file__).resolve().parent.parent / "docs"
# Code prefix -> what its rules are about. A rule of an unknown group is an error: nothing stays undocumented.
GROUPS: dict[str, str] = {
    "ANM-NIK": "NIK", "ANM-KK": "Nomor KK", "ANM-WIL": "Wilayah", "ANM-ALM": "Alamat", "ANM-KEL": "Keluarga",
    "ANM-HUB": "Hubungan keluarga", "ANM-NAM": "Nama", "ANM-TGL": "Tanggal", "ANM-KWN": "Perkawinan dan perceraian",
    "ANM-PDK": "Pendidikan", "ANM-PKJ": "Pekerjaan", "ANM-KOD": "Kode", "ANM-HDP": "Hidup, mati dan KTP-el",
    "GND": "Data ganda", "BRK": "Berkas",
}  # fmt: skip
INTRODUCTION = """Setiap aturan satu objek di `expectations/rules/`; halaman ini dibuat darinya dengan `make docs`
dan tidak diubah dengan tangan. Halaman yang sama dengan kotak pencarian: [katalog.html](katalog.html)."""
READING = """Keparahan: **ERROR** pasti salah atau mustahil, **WARNING** mungkin salah dan diperiksa orang, **INFO**
untuk diketahui. Tingkat: apa yang dilihat aturan (baris, keluarga, pasangan, daftar lain, berkas). Syarat SQL ialah
pelanggaran dalam SQL DuckDB: untuk baris sebuah predikat, untuk tingkat lain sebuah kueri yang memberi `row_id`.
`@nama` ialah ambang. Berkas yang tidak memuat salah satu kolom aturan tidak dinilai oleh
aturan itu, dan laporan mengatakannya."""
SETTING = """Aturan bersumber "heuristik" memakai ambang yang ditetapkan Kabid. Kantor menaruh ambangnya di
`ambang.toml` di folder kantor (`SINKRON_HOME`), satu baris `nama = bilangan bulat` per ambang:"""
EXAMPLE = "household_max = 20   # orang\nmother_min_gap = 12  # tahun"
AFTER = """Nama yang tidak dikenal dan bilangan di luar batas ditolak sebelum satu baris pun dinilai. Nilai yang dipakai
dicatat bersama hasil validasi setiap agenda; agenda yang sudah dinilai tidak dinilai ulang."""


def groups() -> dict[str, list[Rule]]:
    """Group prefix -> its rules, in the order of ``GROUPS``. Raises KeyError for a rule of no group."""
    found: dict[str, list[Rule]] = {prefix: [] for prefix in GROUPS}
    for rule in CATALOGUE:
        found[rule.code.rpartition("-")[0]].append(rule)
    return found


def thresholds_of(rule: Rule) -> list[Threshold]:
    """The thresholds a rule's SQL or texts name."""
    named = set(re.findall(r"@([a-z_]+)", f"{rule.sql} {rule.title} {rule.explanation} {rule.what_to_do}"))
    return [threshold for threshold in THRESHOLDS if threshold.name in named]


def columns_of(rule: Rule) -> str:
    """The columns a rule reads, by their labels."""
    return ", ".join(BY_NAME[name].label for name in rule.columns) or "seluruh berkas"


def condition(rule: Rule) -> str:
    """The SQL as written, without the indentation of its source file."""
    if rule.level is Level.FILE:
        return "(dinilai pembaca berkas, sebelum dimuat)"
    first, *rest = rule.sql.strip().splitlines()
    return "\n".join([first, *textwrap.indent(textwrap.dedent("\n".join(rest)), "  ").splitlines()])


def limits(threshold: Threshold) -> str:
    """``13 tahun (10-20)``; a fixed one says so."""
    if threshold.lowest == threshold.highest:
        return f"{threshold.value} {threshold.unit} (tetap)"
    return f"{threshold.value} {threshold.unit} ({threshold.lowest}-{threshold.highest})"


def as_markdown() -> str:
    """The whole catalogue as ``docs/catalogue.md``."""
    counts = {severity: sum(rule.severity is severity for rule in CATALOGUE) for severity in Severity}
    parts = [
        "# Katalog aturan",
        f"{len(CATALOGUE)} aturan: " + ", ".join(f"{count} {severity}" for severity, count in counts.items()) + ".",
        INTRODUCTION, READING, _contents(), _resolutions(), _thresholds(),
        *(_group(prefix, rules) for prefix, rules in groups().items()), _words(),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _contents() -> str:
    lines = ["| Kelompok | Kode | Aturan |", "|---|---|--:|"]
    for prefix, rules in groups().items():
        heading = f"{prefix}: {GROUPS[prefix]}"
        lines.append(f"| [{GROUPS[prefix]}](#{_slug(heading)}) | `{prefix}` | {len(rules)} |")
    return "\n".join(lines)


def _slug(heading: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def _resolutions() -> str:
    lines = ["## Siapa menyelesaikan", "", "| Kelas | Yang diperlukan | Aturan |", "|---|---|--:|"]
    for resolution, told in WHO_RESOLVES.items():
        count = sum(rule.resolution is resolution for rule in CATALOGUE)
        lines.append(f"| `{resolution}` | {told} | {count} |")
    return "\n".join(lines)


def _thresholds() -> str:
    lines = ["| Nama | Nilai | Batas | Satuan | Artinya | Aturan |", "|---|--:|--:|---|---|---|"]
    for threshold in THRESHOLDS:
        used = ", ".join(f"[{r.code}](#{r.code.lower()})" for r in CATALOGUE if threshold in thresholds_of(r))
        bounds = f"{threshold.lowest}-{threshold.highest}" if threshold.lowest < threshold.highest else "tetap"
        lines.append(
            f"| `{threshold.name}` | {threshold.value} | {bounds} | {threshold.unit} | {threshold.meaning} "
            f"| {used or 'pandangan aturan'} |"
        )
    return "\n".join(["## Ambang", "", SETTING, "", "```toml", EXAMPLE, "```", "", AFTER, "", *lines])


def _group(prefix: str, rules: list[Rule]) -> str:
    return "\n\n".join([f"## {prefix}: {GROUPS[prefix]}", *map(_rule, rules)])


def _rule(rule: Rule) -> str:
    told = thresholds_of(rule)
    lines = [
        f"### {rule.code}", "", f"**{rule.told(rule.title)}**", "",
        f"{rule.severity} · {rule.level} · {WHO_RESOLVES[rule.resolution]} (`{rule.resolution}`)", "",
        f"- Penjelasan: {rule.told(rule.explanation)}", f"- Yang dilakukan: {rule.told(rule.what_to_do)}",
        f"- Kolom: {columns_of(rule)}", f"- Sumber: {rule.source}",
    ]  # fmt: skip
    if told:
        lines.append("- Ambang: " + "; ".join(f"`{t.name}` {limits(t)}" for t in told))
    return "\n".join([*lines, "", "```sql", condition(rule), "```"])


def _words() -> str:
    told = ("## Kata-kata dalam syarat SQL", "", "Makro DuckDB yang dipakai syarat di atas.", "", "```sql")
    return "\n".join([*told, *(" ".join(macro.split()) for macro in MACROS), "```"])


def main() -> None:
    """Writes both pages into ``docs/``."""
    from tasks.catalogue_page import as_html

    (DOCS / "catalogue.md").write_text(as_markdown(), encoding="utf-8")
    (DOCS / "katalog.html").write_text(as_html(), encoding="utf-8")


if __name__ == "__main__":
    main()
