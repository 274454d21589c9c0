"""The one page before a paraf (handbook 7): what came, what was found, what would change, riskiest first. Masked."""

import sqlite3
from datetime import datetime

import duckdb

from expectations.approvals import CHAIN, STAFF, Level
from expectations.outcomes import MEANINGS, Outcome
from tasks.approvals.case import file_code
from tasks.documents.facts import (
    REPLY_DAYS,
    RISKIEST,
    About,
    categories,
    changes,
    clock,
    deactivations,
    elements,
    is_demo,
    risks,
)
from tasks.documents.facts_people import Decided, decided
from tasks.documents.followed import followed
from tasks.documents.words import wib_time
from tasks.ledger import head
from tasks.privacy import markdown
from tasks.receive import Receipt, find_receipt
from tasks.reconcile.told import compared, warnings
from tasks.steps import Summary, finished


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
    levels = CHAIN if ("propose", round_no) in done else (STAFF,)
    parts = [
        *demo_mark(ledger),
        _heading(receipt, round_no, [one.receipt.agenda for one in followed(con, ledger, agenda)]),
        fingerprint(ledger, plan["digest"], levels if with_code else ()),
        _files(con, ledger, receipt, now),
        _outcomes(plan["outcomes"], plan["rows"]),
        _categories(con, about),
        *_compared(done),
        _risks(con, about, done[("resolve", 0)]),
        _deactivations(con, about),
        riskiest_changes(con, about, plan["changes"]),
        who_decided(ledger, about),
    ]
    return "\n\n".join(parts)


def demo_mark(ledger: sqlite3.Connection) -> list[str]:
    """A page of a demo office says so."""
    return ["**DEMO - orang, kode dan data ini fiktif.**"] if is_demo(ledger) else []


def _heading(receipt: Receipt, round_no: int, follows: list[str]) -> str:
    letter = receipt.letter
    unsent = f"lembar kasus: tindak lanjut agenda {', '.join(follows)}" if follows else "pengirim tanpa surat pengantar"
    source = (
        f"{markdown(letter['sender'])}, surat {markdown(letter['number'])} tanggal {markdown(letter['date'])}"
        if letter
        else unsent
    )
    return f"### Agenda {receipt.agenda}, ronde {round_no}\n\nDari {source}."


def fingerprint(ledger: sqlite3.Connection, digest: str, code_for: tuple[Level, ...]) -> str:
    """What identifies the proposal. The form shows the end of the digest: the code is made of its beginning.

    ``code_for``: who retypes the kode berkas; for nobody it is not shown. A draft and its proposal have two codes.
    """
    told = f"Sidik usulan (SHA-256): … `{digest[-16:]}`"
    if not code_for:
        return f"{told}\n\nKode berkas tertulis pada lembar usulan (tab Artifacts run ini)."
    number, newest = head(ledger)
    whom = ", ".join(level.title for level in code_for)
    return (
        f"## Kode berkas: `{file_code(digest)}`\n\nUntuk {whom}: ketik kode ini dalam formulir keputusan bila isi "
        f"lembar ini benar.\n\n{told}\n\nUntuk pemeriksa, bukan kode berkas: kepala Buku Agenda entri {number}, "
        f"`{file_code(newest)}`"
    )


def _files(con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, receipt: Receipt, now: datetime) -> str:
    lines = ["| Berkas | Diterima | L / P / KK | Ditolak |", "|---|--:|--:|--:|"]
    for facts in receipt.files:
        totals = " / ".join(str(facts["totals"][key]) for key in ("laki", "perempuan", "kk"))
        lines.append(f"| {markdown(facts['name'])} | {facts['received']} | {totals} | {facts['rejected']} |")
    hashes = ", ".join(f"`{facts['sha256'][:12]}` …" for facts in receipt.files)
    due = clock(con, ledger, receipt.agenda, now)
    matched = "Jumlah sesuai surat pengantar." if receipt.letter else "Tidak ada jumlah kontrol (tanpa surat)."
    told = (
        f"SHA-256 berkas: {hashes}\n\n{matched} Diterima {due.received:%d-%m-%Y %H.%M} WIB; "
        f"batas balasan {REPLY_DAYS} hari: sisa **{due.left} hari**."
    )
    return "\n".join([*lines, "", told])


def _outcomes(outcomes: dict[str, int], rows: int) -> str:
    lines = ["### Hasil per baris", "", "| Hasil | Baris | Artinya |", "|---|--:|---|"]
    lines += [f"| {o.value} | {outcomes.get(o.value, 0)} | {MEANINGS[o]} |" for o in Outcome]
    return "\n".join([*lines, f"| **Jumlah** | **{rows}** | sama dengan baris dimuat |"])


def _categories(con: duckdb.DuckDBPyConnection, about: About) -> str:
    head = "| Kategori temuan | " + " | ".join(o.value for o in Outcome) + " |"
    body = [f"| {name} | " + " | ".join(map(str, counts.values())) + " |" for name, counts in categories(con, about)]
    note = "Satu baris dapat masuk beberapa kategori."
    return "\n".join(["### Kategori x hasil", "", head, "|---|" + "--:|" * len(Outcome), *body, "", note])


def _compared(done: dict[tuple[str, int], Summary]) -> list[str]:
    """The centre's list against its earlier ones, and what of it may not be whole."""
    counts = compared(done)
    if not counts:
        return []
    told = ", ".join(f"{label} **{count}**" for label, count in counts.items())
    earlier = f"{done['reconcile', 0]['earlier']} berkas terdahulu"
    notes = "".join(f"\n- **Perhatian**: {warning}." for warning in warnings(done))
    return [f"### Dibanding berkas sebelumnya\n\nTemuan dibanding {earlier}: {told}.{notes and chr(10) + notes}"]


def _risks(con: duckdb.DuckDBPyConnection, about: About, found: dict[str, int]) -> str:
    """Duplicates, the risky items, and what was decided by the system's proposal or by Staff's hand."""
    here = risks(con, about, found)
    answers = ", ".join(f"{verdict} **{count}**" for verdict, count in here.answers.items())
    earlier = "; ".join(f"{words} **{count}**" for words, count in here.earlier.items())
    return (
        "### Data ganda dan hal berisiko\n\n"
        f"- pasangan cocok **{here.matches}**, mungkin **{here.possible}**, bukan ganda karena kembar "
        f"**{here.twins}**; kelompok orang **{here.clusters}**\n"
        f"- satu NIK pada dua KK **{here.shared}**; umur di atas 100 tahun **{here.aged}**\n"
        f"- diputuskan tangan Staff **{here.by_hand}**; usulan sistem yang perlu diteliti orang **{here.open_rows}**"
        f"\n- jawaban Staff atas pasangan: {answers}{earlier and f'{chr(10)}- {earlier}'}\n\n"
        "Skor hanya mengusulkan; tidak ada data yang digabung."
    )


def _deactivations(con: duckdb.DuckDBPyConnection, about: About) -> str:
    """The proposals that would cost a person the NIK come before every correction."""
    total, first = deactivations(con, about)
    if not total:
        return "### Usul nonaktif: tidak ada"
    lines = [f"### Usul nonaktif: {total} NIK (keputusan tetap pada Ditjen)", ""]
    return "\n".join([*lines, *(f"- {markdown(nik)}: {basis}" for nik, basis in first)])


def riskiest_changes(con: duckdb.DuckDBPyConnection, about: About, total: int) -> str:
    """Changes per element, and the few that can hurt a person most, masked."""
    lines = [
        f"### Perubahan: {total} elemen",
        "",
        "| Elemen | Ditulis ke penduduk | Tidak ditulis |",
        "|---|--:|--:|",
    ]
    lines += [f"| {element} | {writes} | {right} |" for element, writes, right in elements(con, about)]
    lines += [
        "",
        "Tidak ditulis: data kantor sudah benar, atau orangnya tidak ada di sana. Paling berisiko dahulu:",
        "",
    ]
    for one in changes(con, about, RISKIEST):
        old, held, new = (markdown(value) for value in (one.sent, one.held, one.after))
        lines.append(f"- {markdown(one.nik)} **{one.element}**: pusat {old}, kantor {held} → {new} ({one.basis})")
    return "\n".join(lines)


def who_decided(ledger: sqlite3.Connection, about: About) -> str:
    """Who decided what, when, under which mandate; what was withdrawn, and where one person held two hands."""
    lines = [_decision_line(one, about[1]) for one in decided(ledger, about[0])]
    title = ["### Siapa memutuskan apa", "", "| Waktu (WIB) | Siapa | Keputusan | Catatan |", "|---|---|---|---|"]
    return "\n".join([*title, *lines]) if lines else "Belum ada keputusan."


def _decision_line(one: Decided, round_no: int) -> str:
    state = "" if one.round == round_no else ", gugur"
    withdrawn = f" tanda tangan {one.withdrawn}" if one.withdrawn else ""
    noted = f" **Catatan pemisahan tugas: {one.noted}.**" if one.noted else ""
    post = one.post + (f" (surat {markdown(one.letter)})" if one.letter else "")
    decision = f"{one.decision}{withdrawn} (ronde {one.round}{state}){noted}"
    return f"| {wib_time(one.at):%d-%m %H.%M} | {post} {one.nip} | {decision} | {markdown(one.note, 500)} |"
