"""The machine under the office: modes of its files, keys, free disk, installed versions."""

import importlib.metadata
import shutil
import sqlite3
from collections import Counter
from datetime import datetime
from pathlib import Path

from tasks.doctor.state import Line, broken, good, soon
from tasks.errors import UserError
from tasks.ledger_tables import version_of as ledger_version
from tasks.migrations.run import FOLDER as UPGRADES
from tasks.migrations.store import version_of as store_version
from tasks.office import WIB, Office
from tasks.retention.destroy import left_of
from tasks.retention.due import destroyed, retained
from tasks.retention.keys import without_copy, without_key
from tasks.store import open_store

GIB = 2**30
SCARCE, TOO_LITTLE = 5 * GIB, GIB // 2
COPIES = 3  # of the store beside itself: a backup, a published copy, spilled work
PACKAGE = "sinkron"
SHOWN = 6


def modes(office: Office) -> Line:
    """Whoever else on this machine can read or write the office's files; the masked copy is for its group to read."""
    shared = {office.published, *office.published.glob("*")}
    others = [
        path
        for path in office.home.rglob("*")
        if not path.is_symlink() and path.lstat().st_mode & (0o027 if path in shared else 0o077)
    ]
    loose = Counter(path.relative_to(office.home).parts[0] for path in others)
    if office.home.stat().st_mode & 0o077:
        loose["."] += 1
    if not loose:
        return good("hak akses", "semua folder dan berkas kantor hanya untuk pengguna ini")
    told = ", ".join(f"{name} ({count})" for name, count in loose.most_common(SHOWN))
    step = f"chmod -R go-rwx {office.home}"
    if loose["."] or loose["keys"]:
        return broken("hak akses", f"terbuka untuk pengguna lain: {told}", step)
    return soon("hak akses", f"di dalam folder yang tertutup, terbuka: {told}", step)


def keys(office: Office) -> Line:
    """The office's key is there and has the right mode; which of its pages it opens is the store's to say."""
    try:
        office.key("store")
    except UserError as error:
        return broken("kunci", str(error), "pulihkan keys/office.key dari salinannya di luar komputer ini")
    return good("kunci", "kunci kantor terbaca; pastikan salinannya ada di luar komputer ini")


def batch_keys(office: Office) -> Line:
    """Every sealed archive has its key, and each key lies on two disks, or goes along with the backups."""
    lost, single = without_key(office), without_copy(office)
    if lost:
        text = f"tidak ada untuk {len(lost)} agenda: {', '.join(lost[:SHOWN])}; berkas asalnya tidak terbaca"
        text += f"; {len(single)} agenda lain tanpa salinan kunci" if single and office.settings.salinan_kunci else ""
        return broken("kunci agenda", text, "pulihkan kunci-agenda/ dari salinannya; lihat docs/operator.md")
    if office.settings.salinan_kunci and not Path(office.settings.salinan_kunci).is_dir():
        text = f"folder {office.settings.salinan_kunci} tidak ada: tidak ada berkas yang diterima"
        return broken("kunci agenda", text, "sambungkan disknya, atau betulkan salinan_kunci dalam kantor.toml")
    if office.settings.salinan_kunci and Path(office.settings.salinan_kunci).stat().st_mode & 0o077:
        text = f"folder {office.settings.salinan_kunci} terbuka untuk pengguna lain"
        return soon("kunci agenda", text, f"chmod 700 {office.settings.salinan_kunci}")
    if not office.settings.salinan_kunci:
        return good("kunci agenda", "setiap arsip yang terkunci punya kunci; ikut cadangan (tanpa salinan_kunci)")
    if single:
        text = f"{len(single)} agenda tanpa salinan kunci di disk lain"
        return soon("kunci agenda", text, "jalankan sinkron originals --salin-kunci")
    return good("kunci agenda", "setiap arsip yang terkunci punya kunci dan salinannya")


def retention(office: Office, ledger: sqlite3.Connection, now: datetime) -> Line:
    """What is past its retention period, and what is destroyed and yet there."""
    back = [agenda for agenda in destroyed(ledger) if left_of(office, ledger, agenda)]
    if back:
        text = f"sudah dimusnahkan, tetapi masih ada: {', '.join(back[:SHOWN])}"
        return broken("masa simpan", text, "sinkron recover")
    if not office.settings.retensi_tahun:
        return good("masa simpan", "tidak ditetapkan (retensi_tahun): tidak ada yang dimusnahkan")
    over = [one.agenda for one in retained(ledger, office) if one.until <= now.astimezone(WIB).date()]
    if over:
        return soon("masa simpan", f"habis untuk {len(over)} agenda: {', '.join(over[:SHOWN])}", "sinkron purge")
    return good("masa simpan", f"{office.settings.retensi_tahun} tahun; tidak ada agenda yang melewatinya")


def disk(office: Office) -> Line:
    """Free space where the office lies."""
    free = shutil.disk_usage(office.home).free
    store = office.store.stat().st_size if office.store.exists() else 0
    text = f"{free / GIB:.1f} GiB kosong, data kantor {store / GIB:.2f} GiB"
    if free < TOO_LITTLE:
        return broken("disk", text, "beri tempat sekarang: penulisan akan ditolak")
    if free < max(SCARCE, COPIES * store):
        return soon("disk", text, "pindahkan cadangan lama ke tempat lain, atau perbesar disk")
    return good("disk", text)


def schema(office: Office, ledger: sqlite3.Connection) -> Line:
    """The versions that store and ledger bear; an opened office is of the present one (tasks.migrations)."""
    told = "belum ada"
    if office.store.exists():
        with open_store(office) as con:
            told = f"versi {store_version(con)}"
    text = f"store {told}, Buku Agenda versi {ledger_version(ledger)}"
    kept = sorted((office.home / UPGRADES).glob("*.zip"))
    if kept:
        step = "hapus bila kantor sudah berjalan baik dan cadangan yang lebih baru ada di disk lain"
        return soon("skema", f"{text}; {len(kept)} cadangan dari sebelum dinaikkan di {UPGRADES}/", step)
    return good("skema", text)


def versions() -> list[Line]:
    """Installed packages against what Sinkron asks for; other versions are known to break it, or were never tried."""
    from packaging.requirements import Requirement

    wrong = []
    for text in importlib.metadata.requires(PACKAGE) or ():
        asked = Requirement(text)
        if asked.marker is not None and not asked.marker.evaluate({"extra": ""}):
            continue
        try:
            found = importlib.metadata.version(asked.name)
        except importlib.metadata.PackageNotFoundError:
            found = ""
        if not asked.specifier.contains(found or "0", prereleases=True) or not found:
            received = f"{asked.name} {found or 'tidak terpasang'}, seharusnya {asked.specifier or 'ada'}"
            wrong.append(broken("versi", received, "pasang ulang dari requirements.lock: make setup"))
    return wrong or [good("versi", "semua paket sesuai dengan yang diminta Sinkron")]
