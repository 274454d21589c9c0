"""The two pages of device keys as HTML: nothing inline, every value escaped, the summary's Markdown without HTML."""

from datetime import UTC, datetime
from html import escape

from expectations.approvals import LEVELS, STAFF
from flows.asking import description, notices
from flows.gateway.roles import choices
from flows.gateway.summaries import Summaries
from tasks.approvals.case import Case
from tasks.approvals.decide import next_question
from tasks.approvals.docket import NO, WITHDRAW, YES, Docket, docket
from tasks.approvals.people import Person, people
from tasks.ledger import open_ledger
from tasks.office import WIB, Office

MEANINGS = {
    YES: "Ya: setuju", NO: "Tidak: kembali ke Staff, catatan wajib",
    WITHDRAW: "Cabut: saya menarik tanda tangan saya yang terakhir",
}  # fmt: skip
NOTHING = "Tidak ada keputusan yang menunggu untuk agenda ini."
BY_FORM = "Giliran Staff: usulan diajukan lewat formulir pada halaman run, karena memakai lembar kerja."
BUSY = "Ringkasan sedang disusun untuk orang lain; muat ulang sebentar lagi."
NO_DEVICE = (
    'Anda belum punya kunci perangkat. <a href="/kunci-perangkat">Daftarkan dahulu</a>, atau isi formulir pada run.'
)
_CHOICE = '<label class="pilih"><input type="radio" name="keputusan" value="{}" required> {}</label>'
_AS_WE_WRITE = (  # quotes and tags of the text itself are escaped by then
    (' style="text-align:right"', ' class="n"'), (' style="text-align:left"', ""), (' style="text-align:center"', ""),
    ("<table>", '<div class="lebar"><table>'), ("</table>", "</table></div>"),
)  # fmt: skip
_SHEET = '<p><a href="/dokumen/{}/{}" target="_blank" rel="noopener">Buka lembar verifikasi (PDF)</a></p>'
_PAGE = """<!doctype html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/kunci-perangkat/halaman.css"><script src="/kunci-perangkat/halaman.js" defer></script>
</head><body><header><p class="kantor">Sinkron</p><h1>{title}</h1><p class="siapa">{who}</p></header>
<main>{body}</main></body></html>
"""
_SIGN = """<section class="lembar">{page}</section>
<form id="tanda" data-jalur="/tanda-tangan/{agenda}" class="isian">
<h2>Keputusan Anda</h2>
<fieldset>{choices}</fieldset>
{sheet}<label>Kode berkas <small>8 huruf/angka dari kotak KODE BERKAS lembar verifikasi</small>
<input name="kode_berkas" required minlength="8" maxlength="16" autocomplete="off" autocapitalize="characters"
 spellcheck="false" placeholder="K7Q2-9XMT"></label>
<label>Catatan <small>Wajib bila Tidak. Jangan tulis NIK atau nama penduduk.</small>
<textarea name="catatan" maxlength="500" rows="3"></textarea></label>
<button type="submit">Tanda tangani dengan kunci perangkat</button>
<p class="jawab" role="status" aria-live="polite"></p>
<p class="kecil">Perangkat meminta sidik jari, wajah atau PIN Anda. Yang ditandatangani: keputusan, catatan,
agenda, ronde dan sidik usulan ini, NIP Anda dan jamnya. Berlaku lima menit sejak tombol ditekan.</p>
</form>
"""
_ENROL = """<form id="daftar" data-jalur="/kunci-perangkat" class="isian">
<p>{state}</p>
<label>Kode pendaftaran <small>12 huruf/angka dari pengelola, berlaku satu jam, sekali pakai</small>
<input name="kode" required minlength="12" maxlength="20" autocomplete="off" autocapitalize="characters"
 spellcheck="false" placeholder="XXXX-XXXX-XXXX"></label>
<button type="submit">Buat kunci perangkat</button>
<p class="jawab" role="status" aria-live="polite"></p>
<p class="kecil">Kunci rahasianya tetap di perangkat Anda; kantor hanya menyimpan kunci umumnya. Pakai perangkat
yang hanya Anda buka: sidik jari, wajah atau PIN-nya adalah tanda tangan Anda. Kunci yang lama tidak berlaku lagi.</p>
</form>
"""


def sign_page(office: Office, summaries: Summaries, nip: str, agenda: str) -> str:
    """Where a decision of one agenda number is signed. Raises SinkronError and UserError for unreadable files."""
    with open_ledger(office) as ledger:
        batch, person = docket(ledger, agenda), people(ledger).get(nip)
        role, here = str(batch.turn()), batch.current
        asked = role in LEVELS and role != STAFF.role
        told = []
        if asked:
            told = notices(ledger, *next_question(ledger, Case(agenda, here.number, here.digest_for(role)), role))
    title = f"Agenda {agenda}: tanda tangan {LEVELS[role].title}" if asked else f"Agenda {agenda}"
    if not asked:
        return _page(title, person, f'<p class="kosong">{BY_FORM if role == STAFF.role else NOTHING}</p>')
    summary = summaries.of(batch)
    if summary is None:
        return _page(title, person, f'<p class="kosong">{BUSY}</p>')
    shown = markdown_html(description(LEVELS[role], summary, told))
    return _page(title, person, _form(batch, nip, (person, shown, _sheet(office, batch))))


def _sheet(office: Office, batch: Docket) -> str:
    """The way to the paper that bears the kode berkas, once it is there."""
    from tasks.documents.verification_sheet import sheet_name

    name = sheet_name(batch.agenda, batch.current.number)
    return _SHEET.format(batch.agenda, name) if (office.documents / batch.agenda / name).exists() else ""


def _form(batch: Docket, nip: str, about: tuple[Person | None, str, str]) -> str:
    """The summary, and below it the fields for whose turn it is; for anybody else why there are none."""
    person, page, sheet = about
    may = choices(batch, nip, person)
    if not may:
        title = LEVELS[str(batch.turn())].title
        told = f"Giliran {title}; login Anda tidak memegang jabatan itu hari ini dan tidak menandatangani ronde ini."
    elif person is None or person.device is None:
        told = NO_DEVICE
    else:
        radios = "".join(_CHOICE.format(one, escape(MEANINGS[one])) for one in may)
        return _SIGN.format(page=page, agenda=escape(batch.agenda), choices=radios, sheet=sheet)
    return f'<section class="lembar">{page}</section><p class="kosong">{told}</p>'


def enrol_page(office: Office, nip: str) -> str:
    """Where a person makes a device key. Raises SinkronError and UserError for unreadable files."""
    with open_ledger(office) as ledger:
        person = people(ledger).get(nip)
    if person is not None and person.device is not None:
        state = "Anda sudah punya kunci perangkat. Untuk mengganti, minta kode baru kepada pengelola."
    else:
        state = "Anda belum punya kunci perangkat."
    return _page("Daftarkan kunci perangkat", person, _ENROL.format(state=state))


def markdown_html(text: str) -> str:
    """Our Markdown as HTML: tables and emphasis; neither HTML, links nor images, whatever stands in it."""
    from markdown_it import MarkdownIt

    reader = (
        MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink", "reference"])
    )
    shown = str(reader.render(text))
    for made, ours in _AS_WE_WRITE:
        shown = shown.replace(made, ours)
    return shown


def _page(title: str, person: Person | None, body: str) -> str:
    day = datetime.now(UTC).astimezone(WIB).date()
    posts = [one.title for one in person.mandates if one.holds(one.role, day.isoformat())] if person else []
    who = f"Login: {person.name} ({person.nip}), {', '.join(posts)} pada {day:%d-%m-%Y}" if person else ""
    return _PAGE.format(title=escape(title), who=escape(who), body=body)
