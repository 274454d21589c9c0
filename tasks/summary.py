"""The one page before a paraf (handbook 7): what came, what was found, what would change, riskiest first. Masked."""

import sqlite3
from datetime import datetime

import duckdb

from expectations.approvals import LEVELS
from expectations.outcomes import TEXTS, Outcome
from tasks.apply import label
from tasks.approve import WIB
from tasks.ledger import Kind, entries
from tasks.privacy import markdown, mask_date, mask_name, mask_nik
from tasks.receive import Receipt, find_receipt
from tasks.steps import finished

RISKIEST = 12
REPLY_DAYS = 60  # the centre's deadline (Ditjen SOP 7.4.3.3, 2011)
# What can hurt a person most comes first.
RISK = """case element when 'usulan' then 0 when 'tgl_lhr' then 1 when 'jenis_klmin' then 2 when 'nama_lgkp' then 3
  when 'no_kk' then 4 else 5 end"""
CATEGORIES = {
    "ANM-NIK": "NIK", "ANM-KK": "Nomor KK", "ANM-NAM": "Nama", "ANM-TGL": "Tanggal lahir", "ANM-KEL": "Keluarga",
    "ANM-HUB": "Hubungan", "ANM-KWN": "Perkawinan", "ANM-KOD": "Kode", "ANM-WIL": "Wilayah", "ANM-ALM": "Alamat",
    "ANM-HDP": "Rekam KTP-el", "GND": "Ganda biometrik", "-": "Tanpa temuan",
}  # fmt: skip
NIK_LIKE = {"nik", "no_kk", "nik_ibu", "nik_ayah"}
NAMES = {"nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah", "alamat", "tmpt_lhr"}


def one_page(con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, about: tuple[str, int], now: datetime) -> str:
    """The summary of one round as Markdown: no NIK, no name, no value of a resident unmasked."""
    agenda, round_no = about
    receipt = find_receipt(ledger, agenda)
    done = finished(con, agenda)
    plan = done.get(("propose", round_no)) or done[("draft", round_no)]
    parts = [
        _heading(receipt, round_no, plan["digest"]),
        _files(receipt, ledger, now),
        _outcomes(plan["outcomes"], plan["rows"]),
        _categories(con, agenda, round_no),
        _duplicates(con, done[("resolve", 0)], agenda),
        _changes(con, agenda, round_no, plan["changes"]),
        _who(ledger, agenda, round_no),
    ]
    return "\n\n".join(parts)


def _heading(receipt: Receipt, round_no: int, digest: str) -> str:
    letter = receipt.letter
    source = (
        f"{markdown(letter['sender'])}, surat {markdown(letter['number'])} tanggal {markdown(letter['date'])}"
        if letter
        else "tanpa surat pengantar"
    )
    return (
        f"## Agenda {receipt.agenda}, ronde {round_no}\n\nDari {source}.\n\nSidik usulan (SHA-256): `{digest[:16]}` …"
    )


def _files(receipt: Receipt, ledger: sqlite3.Connection, now: datetime) -> str:
    lines = ["| Berkas | Diterima | Dimuat | Ditolak | SHA-256 |", "|---|--:|--:|--:|---|"]
    lines += [
        f"| {markdown(f['name'])} | {f['received']} | {f['loaded']} | {f['rejected']} | `{f['sha256'][:12]}` |"
        for f in receipt.files
    ]
    received_at = datetime.fromisoformat(entries(ledger, receipt.agenda, Kind.RECEIVED)[0].at).astimezone(WIB)
    left = REPLY_DAYS - (now.astimezone(WIB).date() - received_at.date()).days
    matched = "Jumlah sesuai surat pengantar." if receipt.letter else "Tidak ada jumlah kontrol (tanpa surat)."
    return "\n".join(lines) + (
        f"\n\n{matched} Diterima {received_at:%d-%m-%Y %H.%M} WIB; "
        f"batas balasan {REPLY_DAYS} hari: sisa **{left} hari**."
    )


def _outcomes(outcomes: dict[str, int], rows: int) -> str:
    lines = ["### Hasil per baris", "", "| Hasil | Baris | Artinya |", "|---|--:|---|"]
    lines += [f"| {o.value} | {outcomes.get(o.value, 0)} | {TEXTS[o].meaning} |" for o in Outcome]
    return "\n".join([*lines, f"| **Jumlah** | **{rows}** | sama dengan baris dimuat |"])


def _categories(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> str:
    rows = con.execute(
        """
        select coalesce(regexp_extract(f.code, '^(ANM-[A-Z]+|GND)'), '-') as category, o.outcome,
          count(distinct o.row_id)::int as n
        from outcomes o left join findings f using (agenda, row_id)
        where o.agenda = ? and o.round = ? group by 1, 2""",
        [agenda, round_no],
    ).fetchall()
    counts = {(category, outcome): n for category, outcome, n in rows}
    head = "| Kategori temuan | " + " | ".join(o.value for o in Outcome) + " |"
    body = [
        f"| {name} | " + " | ".join(str(counts.get((key, o.value), 0)) for o in Outcome) + " |"
        for key, name in CATEGORIES.items()
        if any(counts.get((key, o.value)) for o in Outcome)
    ]
    note = "Satu baris dapat masuk beberapa kategori."
    return "\n".join(["### Kategori x hasil", "", head, "|---|" + "--:|" * len(Outcome), *body, "", note])


def _duplicates(con: duckdb.DuckDBPyConnection, found: dict[str, int], agenda: str) -> str:
    shared = con.execute(
        """select count(*) from (select nik from extract_rows where agenda = ? and nik_shape(nik)
        group by nik having count(distinct no_kk) > 1)""",
        [agenda],
    ).fetchall()[0][0]
    return (
        "### Data ganda\n\n"
        f"Pasangan cocok: **{found['cocok']}**; mungkin: **{found['mungkin']}**; bukan ganda karena kembar: "
        f"**{found['kembar']}**; kelompok orang: **{found['clusters']}**; satu NIK pada dua KK: **{shared}**.\n\n"
        "Skor hanya mengusulkan; tidak ada data yang digabung."
    )


def _changes(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int, total: int) -> str:
    rows = con.execute(
        f"""
        select r.nik, c.element, c.before, c.register_value, c.after, c.basis from changes c
        join extract_rows r using (agenda, row_id) where c.agenda = ? and c.round = ?
        order by c.register_value is not distinct from c.after, {RISK}, c.row_id limit {RISKIEST}""",
        [agenda, round_no],
    ).fetchall()
    writes = con.execute(
        """select count(*) filter (resident_id is not null and register_value is distinct from after)
        from changes where agenda = ? and round = ?""",
        [agenda, round_no],
    ).fetchall()[0][0]
    told = (
        f"**{writes}** akan ditulis ke data penduduk; **{total - writes}** sudah benar di data kantor (yang salah "
        "data pusat, ikut surat balasan). Paling berisiko dahulu:"
    )
    lines = [
        f"### Perubahan: {total} elemen",
        "",
        told,
        "",
        "| NIK | Elemen | Semula (pusat) | Data kantor | Menjadi | Dasar |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {markdown(mask_nik(nik))} | {label(element)} | "
        + " | ".join(markdown(mask(element, value)) for value in (before, register, after))
        + f" | {markdown(basis)} |"
        for nik, element, before, register, after, basis in rows
    ]
    return "\n".join(lines)


def mask(element: str, value: str | None) -> str:
    """One value of one element, masked for people who need not see it."""
    if element in NIK_LIKE:
        return mask_nik(value)
    if element in NAMES:
        return mask_name(value)
    return mask_date(value) if element.startswith("tgl_") else (value or "(kosong)")


def _who(ledger: sqlite3.Connection, agenda: str, round_no: int) -> str:
    lines = []
    for entry in entries(ledger, agenda, Kind.DECISION):
        facts = entry.payload
        at = datetime.fromisoformat(facts["submitted_at"]).astimezone(WIB)
        void = "" if facts["round"] == round_no else " (gugur)"
        cells = (
            f"{at:%d-%m %H.%M}",
            LEVELS[facts["role"]].title,
            entry.actor,
            f"{facts['decision']}{void}",
            str(facts["round"]),
            markdown(facts["note"]),
        )
        lines.append(f"| {' | '.join(cells)} |")
    head = [
        "### Siapa memutuskan apa",
        "",
        "| Waktu (WIB) | Jenjang | NIP | Keputusan | Ronde | Catatan |",
        "|---|---|---|---|--:|---|",
    ]
    return "\n".join([*head, *lines]) if lines else "Belum ada keputusan."
