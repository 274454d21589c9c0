"""The one page before a paraf (handbook 7): what came, what was found, what would change, riskiest first. Masked."""

import sqlite3
from datetime import datetime

import duckdb

from expectations.approvals import LEVELS
from expectations.outcomes import BY_STAFF, MEANINGS, Outcome
from tasks.approvals.case import file_code
from tasks.approvals.docket import WITHDRAW
from tasks.approvals.people import mandate_of, people
from tasks.ledger import Entry, Kind, entries, entries_of, head
from tasks.office import WIB
from tasks.privacy import label, markdown, mask, mask_nik, scrub
from tasks.receive import Receipt, find_receipt
from tasks.steps import finished

RISKIEST = 5
STAFF_BASIS = "dokumen menurut lembar kerja Staff"  # free text of Staff stays in the store
REPLY_DAYS = 60  # the centre's deadline (Ditjen SOP 7.4.3.3, 2011)
# What can hurt a person most comes first.
RISK = """case element when 'usulan' then 0 when 'tgl_lhr' then 1 when 'jenis_klmin' then 2 when 'nama_lgkp' then 3
  when 'no_kk' then 4 else 5 end"""
WRITES = "(resident_id is not null and register_value is distinct from after)"
CATEGORIES = {
    "ANM-NIK": "NIK", "ANM-KK": "Nomor KK", "ANM-NAM": "Nama", "ANM-TGL": "Tanggal lahir", "ANM-KEL": "Keluarga",
    "ANM-HUB": "Hubungan", "ANM-KWN": "Perkawinan", "ANM-KOD": "Kode", "ANM-WIL": "Wilayah", "ANM-ALM": "Alamat",
    "ANM-HDP": "Rekam KTP-el", "GND": "Ganda biometrik", "-": "Tanpa temuan",
}  # fmt: skip


def one_page(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, about: tuple[str, int], shown: tuple[datetime, bool]
) -> str:
    """The summary of one round as Markdown: no NIK, no name, no value of a resident unmasked.

    ``about``: (agenda, round); ``shown``: (now, whether with the kode berkas and the ledger's head).
    """
    agenda, round_no = about
    now, with_code = shown
    receipt = find_receipt(ledger, agenda)
    done = finished(con, agenda)
    plan = done.get(("propose", round_no)) or done[("draft", round_no)]
    parts = [
        *demo_mark(ledger),
        _heading(receipt, round_no),
        fingerprint(ledger, plan["digest"], with_code=with_code),
        _files(receipt, ledger, now),
        _outcomes(plan["outcomes"], plan["rows"]),
        _categories(con, agenda, round_no),
        _risks(con, about, done[("resolve", 0)]),
        _deactivations(con, about),
        riskiest_changes(con, agenda, round_no, plan["changes"]),
        who_decided(ledger, agenda, round_no),
    ]
    return "\n\n".join(parts)


def demo_mark(ledger: sqlite3.Connection) -> list[str]:
    """A page of a demo office says so."""
    demo = any(person.demo for person in people(ledger).values())
    return ["**DEMO - orang, kode dan data ini fiktif.**"] if demo else []


def _heading(receipt: Receipt, round_no: int) -> str:
    letter = receipt.letter
    source = (
        f"{markdown(letter['sender'])}, surat {markdown(letter['number'])} tanggal {markdown(letter['date'])}"
        if letter
        else "pengirim tanpa surat pengantar"
    )
    return f"### Agenda {receipt.agenda}, ronde {round_no}\n\nDari {source}."


def fingerprint(ledger: sqlite3.Connection, digest: str, *, with_code: bool) -> str:
    """What identifies the proposal. The form shows the end of the digest: the code is made of its beginning."""
    told = f"Sidik usulan (SHA-256): … `{digest[-16:]}`"
    if not with_code:
        return f"{told}\n\nKode berkas tertulis pada lembar usulan (tab Artifacts run ini)."
    number, newest = head(ledger)
    return (
        f"## Kode berkas: `{file_code(digest)}`\n\nKetik kode ini dalam formulir keputusan bila isi lembar ini benar."
        f"\n\n{told}\n\nKepala Buku Agenda: entri {number}, `{file_code(newest)}`"
    )


def _files(receipt: Receipt, ledger: sqlite3.Connection, now: datetime) -> str:
    lines = ["| Berkas | Diterima | L / P / KK | Ditolak |", "|---|--:|--:|--:|"]
    for facts in receipt.files:
        totals = " / ".join(str(facts["totals"][key]) for key in ("laki", "perempuan", "kk"))
        lines.append(f"| {markdown(facts['name'])} | {facts['received']} | {totals} | {facts['rejected']} |")
    hashes = ", ".join(f"`{facts['sha256'][:12]}` …" for facts in receipt.files)
    received_at = datetime.fromisoformat(entries(ledger, receipt.agenda, Kind.RECEIVED)[0].at).astimezone(WIB)
    left = REPLY_DAYS - (now.astimezone(WIB).date() - received_at.date()).days
    matched = "Jumlah sesuai surat pengantar." if receipt.letter else "Tidak ada jumlah kontrol (tanpa surat)."
    told = (
        f"SHA-256 berkas: {hashes}\n\n{matched} Diterima {received_at:%d-%m-%Y %H.%M} WIB; "
        f"batas balasan {REPLY_DAYS} hari: sisa **{left} hari**."
    )
    return "\n".join([*lines, "", told])


def _outcomes(outcomes: dict[str, int], rows: int) -> str:
    lines = ["### Hasil per baris", "", "| Hasil | Baris | Artinya |", "|---|--:|---|"]
    lines += [f"| {o.value} | {outcomes.get(o.value, 0)} | {MEANINGS[o]} |" for o in Outcome]
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


def _risks(con: duckdb.DuckDBPyConnection, about: tuple[str, int], found: dict[str, int]) -> str:
    """Duplicates, the risky items, and what was decided by the system's proposal or by Staff's hand."""
    shared, aged, by_hand, open_rows = con.execute(
        """select
          (select count(*) from (select nik from extract_rows where agenda = ?1 and nik_shape(nik)
             group by nik having count(distinct no_kk) > 1)),
          (select count(distinct row_id) from findings where agenda = ?1 and code in ('ANM-TGL-04', 'ANM-TGL-05')),
          count(*) filter (cause = ?3), count(*) filter (needs_person)
        from outcomes where agenda = ?1 and round = ?2""",
        [*about, BY_STAFF],
    ).fetchall()[0]
    return (
        "### Data ganda dan hal berisiko\n\n"
        f"- pasangan cocok **{found['cocok']}**, mungkin **{found['mungkin']}**, bukan ganda karena kembar "
        f"**{found['kembar']}**; kelompok orang **{found['clusters']}**\n"
        f"- satu NIK pada dua KK **{shared}**; umur di atas 100 tahun **{aged}**\n"
        f"- diputuskan tangan Staff **{by_hand}**; usulan sistem yang perlu diteliti orang **{open_rows}**\n\n"
        "Skor hanya mengusulkan; tidak ada data yang digabung."
    )


def _deactivations(con: duckdb.DuckDBPyConnection, about: tuple[str, int]) -> str:
    """The proposals that would cost a person the NIK come before every correction."""
    rows = con.execute(
        """select coalesce(p.nik, r.nik), o.basis, o.cause from outcomes o
        join extract_rows r using (agenda, row_id) left join penduduk p on p.resident_id = o.resident_id
        where o.agenda = ? and o.round = ? and o.outcome = ? order by o.row_id limit ?""",
        [*about, Outcome.DEACTIVATION.value, RISKIEST],
    ).fetchall()
    if not rows:
        return "### Usul nonaktif: tidak ada"
    # Counted apart: DuckDB 1.5.5 failed once on a window with a limit ("vector of size 0").
    counted = "select count(*) from outcomes where agenda = ? and round = ? and outcome = ?"
    total = con.execute(counted, [*about, Outcome.DEACTIVATION.value]).fetchall()[0][0]
    lines = [f"### Usul nonaktif: {total} NIK (keputusan tetap pada Ditjen)", ""]
    for nik, basis, cause in rows:
        lines.append(f"- {markdown(mask_nik(nik))}: {STAFF_BASIS if cause == BY_STAFF else basis}")
    return "\n".join(lines)


def riskiest_changes(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int, total: int) -> str:
    """Changes per element, and the few that can hurt a person most, masked."""
    rows = con.execute(
        f"""
        select coalesce(p.nik, r.nik), c.element, c.before, c.register_value, c.after, c.basis, c.cause from changes c
        join extract_rows r using (agenda, row_id) left join penduduk p on p.resident_id = c.resident_id
        where c.agenda = ? and c.round = ?
        order by c.register_value is not distinct from c.after, {RISK}, c.row_id limit {RISKIEST}""",
        [agenda, round_no],
    ).fetchall()
    per_element = con.execute(
        f"""select element, count(*) filter ({WRITES}), count(*) filter (not {WRITES}) from changes
        where agenda = ? and round = ? group by element order by 2 desc, {RISK}""",
        [agenda, round_no],
    ).fetchall()
    lines = [
        f"### Perubahan: {total} elemen",
        "",
        "| Elemen | Ditulis ke penduduk | Sudah benar di kantor |",
        "|---|--:|--:|",
    ]
    lines += [f"| {label(element)} | {writes} | {right} |" for element, writes, right in per_element]
    lines += ["", "Yang sudah benar di kantor salah pada data pusat; ikut surat balasan. Paling berisiko dahulu:", ""]
    for nik, element, before, register, after, basis, cause in rows:
        old, held, new = (markdown(mask(element, value)) for value in (before, register, after))
        why = STAFF_BASIS if cause == BY_STAFF else basis
        lines.append(f"- {markdown(mask_nik(nik))} **{label(element)}**: pusat {old}, kantor {held} → {new} ({why})")
    return "\n".join(lines)


def who_decided(ledger: sqlite3.Connection, agenda: str, round_no: int) -> str:
    """Who decided what, when, under which mandate; what was withdrawn, and where one person held two hands."""
    lines = [
        _decision_line(entry, round_no)
        for entry in entries_of(ledger, (Kind.DECISION, Kind.WITHDRAWN))
        if entry.batch == agenda
    ]
    title = ["### Siapa memutuskan apa", "", "| Waktu (WIB) | Siapa | Keputusan | Catatan |", "|---|---|---|---|"]
    return "\n".join([*title, *lines]) if lines else "Belum ada keputusan."


def _decision_line(entry: Entry, round_no: int) -> str:
    facts = entry.payload
    at = datetime.fromisoformat(facts["submitted_at"]).astimezone(WIB)
    state = "" if facts["round"] == round_no else ", gugur"
    withdrawn = f" tanda tangan {LEVELS[facts['withdraws']].title}" if facts["decision"] == WITHDRAW else ""
    noted = f" **Catatan pemisahan tugas: {facts['noted']}.**" if facts["noted"] else ""
    person = f"{signed_as(entry)} {entry.actor}"
    decision = f"{facts['decision']}{withdrawn} (ronde {facts['round']}{state}){noted}"
    return f"| {at:%d-%m %H.%M} | {person} | {decision} | {markdown(scrub(facts['note']), 500)} |"


def signed_as(entry: Entry) -> str:
    """The post somebody decided in: "Kadis", "Plh. Kadis (surat 800/1/2026)"."""
    mandate = mandate_of(entry.payload["mandate"])
    return mandate.title + (f" (surat {markdown(mandate.letter)})" if mandate.letter else "")
