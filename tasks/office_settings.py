"""The office's own choices (``kantor.toml``): what may stand in it, and what holds when nothing does."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from expectations.approvals import LEVELS, Separation
from tasks.errors import Exit, Problem, UserError

LONGEST = 200  # letters of one text on a letterhead
RELAY = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?")
BLOCK = re.compile(r"[a-z0-9-]{1,60}/[a-z0-9-]{1,60}")
PLACE = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[0-9]{1,5})?")
LEAST_MIB, MOST_MIB = 64, 2**24  # of memory; DuckDB hardly starts with less
AGE_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")


class Signature(StrEnum):
    """How the officials sign the Berita Acara: with ink on paper, or in the PDF (PAdES) with a certificate."""

    INK = "tinta"
    PKCS12 = "p12"
    PKCS11 = "pkcs11"
    BSRE = "bsre"


@dataclass(frozen=True)
class Letterhead:
    """The head of every letter (kop). An empty text is printed as a dotted line to be filled in by hand.

    ``kode_surat``: the office's classification before document numbers; ``kepala``: the post that signs letters;
    ``tembusan``: who gets a copy of letters to the centre, parted by semicolons.
    """

    pemerintah: str = "PEMERINTAH KOTA MOJOKERTO"
    dinas: str = "DINAS KEPENDUDUKAN DAN PENCATATAN SIPIL"
    alamat: str = ""
    kontak: str = ""
    kota: str = "Mojokerto"
    kepala: str = "Kepala Dinas Kependudukan dan Pencatatan Sipil Kota Mojokerto"
    kode_surat: str = ""
    tembusan: str = "Wali Kota Mojokerto; Kepala Dinas yang membidangi kependudukan Provinsi Jawa Timur"


@dataclass(frozen=True)
class Signing:
    """``cara``: how; ``akar``: PEM file of the roots that certificates must lead to; the rest by ``cara``.

    ``modul``, ``token``: PKCS#11 library and label; ``alamat``: BSrE's Esign Client Service of the office.
    """

    cara: Signature = Signature.INK
    akar: str = ""
    modul: str = ""
    token: str = ""
    alamat: str = ""


class Shape(StrEnum):
    """The body of a webhook: our own fields, a Telegram bot's ``sendMessage``, or a WhatsApp gateway's (as Fonnte)."""

    JSON = "json"
    TELEGRAM = "telegram"
    WHATSAPP = "whatsapp"


@dataclass(frozen=True)
class Notices:
    """Where reminders go. ``surel``: the office's mail relay host:port, without a login; ``dari``: sender's address.

    ``webhook``: an address that takes POST; ``bentuk``: the shape of its body; ``blok``: a notification block that the
    office made in Prefect, type/name. By role: ``alamat``, mail addresses parted by semicolons; ``obrolan``, chat ids
    or telephone numbers.
    """

    surel: str = ""
    dari: str = ""
    webhook: str = ""
    blok: str = ""
    bentuk: Shape = Shape.JSON
    alamat: Mapping[str, str] = field(default_factory=dict)
    obrolan: Mapping[str, str] = field(default_factory=dict)

    @property
    def reach_somebody(self) -> bool:
        """Whether the office has any channel."""
        return bool(self.surel or self.webhook or self.blok)


class Watching(StrEnum):
    """What a login may do that holds no mandate: look, or look after the runs."""

    VIEWER = "pengamat"
    ENGINEER = "teknisi"


@dataclass(frozen=True)
class Door:
    """The production form: a login per person. ``wajib``: only answers that came through such a login count.

    ``alamat``: where people open the office (https, no path), ``dasbor``: the same for the dashboard, "" = not shown;
    ``port``: on this machine, behind the reverse proxy; the dashboard gets the next one. ``orang``: NIP -> Watching.
    """

    wajib: bool = False
    alamat: str = ""
    dasbor: str = ""
    port: int = 4200
    orang: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Machine:
    """How much of the machine one step of the store may take.

    ``memori_mib``: memory in MiB, 0 = half of what this machine or container has; ``sementara``: full path of a folder
    for work that does not fit (encrypted there), "" = the office's own ``scratch/``.
    """

    memori_mib: int = 0
    sementara: str = ""


@dataclass(frozen=True)
class OfficeSettings:
    """Everything of ``kantor.toml``. ``jangkar``: the second file's full path, "" = beside the office.

    ``salinan_kunci``: a folder on another disk for copies of the batches' keys, full path, "" = none. ``penerima``: age
    recipients of unmasked evidence packs.
    """

    jangkar: str = ""
    pemisahan: Separation = Separation.STRICT
    penerima: tuple[str, ...] = ()
    kop: Letterhead = field(default_factory=Letterhead)
    tanda_tangan: Signing = field(default_factory=Signing)
    pemberitahuan: Notices = field(default_factory=Notices)
    pintu: Door = field(default_factory=Door)
    mesin: Machine = field(default_factory=Machine)
    salinan_kunci: str = ""


def read_settings(path: Path) -> OfficeSettings:
    """The office's choices, the defaults without a file. Raises UserError (OFFICE) with all faults of the file."""
    if not path.exists():
        return OfficeSettings()
    try:
        chosen = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise UserError(Exit.OFFICE, _problem("bukan berkas TOML yang terbaca")) from None
    wrong = _faults(chosen)
    if wrong:
        raise UserError(Exit.OFFICE, *(_problem(received) for received in wrong))
    signing, notices = dict(chosen.get("tanda_tangan", {})), dict(chosen.get("pemberitahuan", {}))
    signing["cara"] = Signature(signing.get("cara", Signature.INK))
    notices["bentuk"] = Shape(notices.get("bentuk", Shape.JSON))
    return OfficeSettings(
        chosen.get("jangkar", ""), Separation(chosen.get("pemisahan", Separation.STRICT)),
        tuple(chosen.get("penerima", ())), Letterhead(**chosen.get("kop", {})), Signing(**signing), Notices(**notices),
        Door(**chosen.get("pintu", {})), Machine(**chosen.get("mesin", {})),
        chosen.get("salinan_kunci", ""),
    )  # fmt: skip


def _faults(chosen: dict[str, Any]) -> list[str]:
    wrong = _unknown("", chosen, OfficeSettings)
    wrong += _texts("kop", chosen.get("kop", {}), Letterhead) + _texts("tanda_tangan", chosen.get("tanda_tangan", {}),
                                                                       Signing)  # fmt: skip
    if chosen.get("pemisahan", Separation.STRICT) not in set(Separation):
        wrong.append(f"pemisahan = {chosen['pemisahan']!r}")
    for name in ("jangkar", "salinan_kunci"):
        if name in chosen and not (isinstance(chosen[name], str) and Path(chosen[name]).is_absolute()):
            wrong.append(f"{name} bukan jalur lengkap")
    signing = chosen.get("tanda_tangan", {})
    if isinstance(signing, dict) and signing.get("cara", Signature.INK) not in set(Signature):
        wrong.append(f"tanda_tangan.cara = {signing['cara']!r}")
    recipients = chosen.get("penerima", [])
    if not isinstance(recipients, list) or not all(AGE_RECIPIENT.fullmatch(str(one)) for one in recipients):
        wrong.append("penerima bukan daftar kunci age1...")
    return (
        wrong
        + _notice_faults(chosen.get("pemberitahuan", {}))
        + _door_faults(chosen.get("pintu", {}))
        + _machine_faults(chosen.get("mesin", {}))
    )


def _notice_faults(chosen: object) -> list[str]:
    """Faults of [pemberitahuan]: a reminder that goes nowhere is worse than none."""
    section = "pemberitahuan"
    if not isinstance(chosen, dict):
        return _texts(section, chosen, Notices)
    by_role = {name: chosen[name] for name in ("alamat", "obrolan") if name in chosen}
    wrong = _texts(section, {name: value for name, value in chosen.items() if name not in by_role}, Notices)
    for name, given in by_role.items():
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            wrong.append(f"{section}.{name} bukan bagian [{section}.{name}] dengan teks per jabatan")
        else:
            wrong += [f"jabatan {role!r} dalam {section}.{name} tidak dikenal" for role in given if role not in LEVELS]
    if chosen.get("bentuk", Shape.JSON) not in set(Shape):
        wrong.append(f"{section}.bentuk = {chosen['bentuk']!r}")
    if chosen.get("surel") and not (RELAY.fullmatch(str(chosen["surel"])) and "@" in str(chosen.get("dari", ""))):
        wrong.append(f"{section}.surel bukan host:port, atau tanpa dari = alamat pengirim")
    if chosen.get("webhook") and not str(chosen["webhook"]).startswith(("http://", "https://")):
        wrong.append(f"{section}.webhook bukan alamat http")
    if chosen.get("blok") and not BLOCK.fullmatch(str(chosen["blok"])):
        wrong.append(f"{section}.blok bukan jenis/nama sebuah blok, misalnya slack-webhook/kantor")
    return wrong


def _door_faults(chosen: object) -> list[str]:
    """Faults of [pintu]: a door that is half set up would stand open, or lock everybody out."""
    section = "pintu"
    if not isinstance(chosen, dict):
        return [f"{section} bukan bagian [{section}]"]
    wrong = _unknown(section, chosen, Door)
    if not isinstance(chosen.get("wajib", False), bool):
        wrong.append(f"{section}.wajib bukan true atau false")
    places = [
        name
        for name in ("alamat", "dasbor")
        if chosen.get(name, "") != "" or (chosen.get("wajib") and name == "alamat")
    ]
    wrong += [
        f"{section}.{name} bukan https://nama-host tanpa jalur"
        for name in places
        if not PLACE.fullmatch(str(chosen.get(name, "")))
    ]
    port = chosen.get("port", Door.port)
    if isinstance(port, bool) or not isinstance(port, int) or not 1024 <= port < 65535:  # noqa: PLR2004 (ports for us)
        wrong.append(f"{section}.port bukan bilangan 1024 sampai 65534")
    people = chosen.get("orang", {})
    if not isinstance(people, dict):
        return [*wrong, f"{section}.orang bukan bagian [{section}.orang]"]
    if not all(re.fullmatch(r"[0-9]{18}", nip) and role in set(Watching) for nip, role in people.items()):
        wrong.append(f'{section}.orang bukan "NIP 18 angka" = "pengamat" atau "teknisi"')
    return wrong


def _machine_faults(chosen: object) -> list[str]:
    """Faults of [mesin]."""
    section = "mesin"
    if not isinstance(chosen, dict):
        return [f"{section} bukan bagian [{section}]"]
    wrong = _unknown(section, chosen, Machine)
    memory, folder = chosen.get("memori_mib", 0), chosen.get("sementara", "")
    if isinstance(memory, bool) or not isinstance(memory, int) or not (memory == 0 or LEAST_MIB <= memory <= MOST_MIB):
        wrong.append(f"{section}.memori_mib bukan 0, atau bilangan {LEAST_MIB} sampai {MOST_MIB}")
    if folder != "" and not (isinstance(folder, str) and Path(folder).is_absolute()):
        wrong.append(f"{section}.sementara bukan jalur lengkap")
    return wrong


def _unknown(section: str, chosen: dict[str, Any], kind: type[Any]) -> list[str]:
    known = {one.name for one in fields(kind)}
    return [f"nama {f'{section}.{name}'.lstrip('.')!r} tidak dikenal" for name in chosen if name not in known]


def _texts(section: str, chosen: object, kind: type[Any]) -> list[str]:
    """Faults of a table of short texts on one line."""
    if not isinstance(chosen, dict):
        return [f"{section} bukan bagian [{section}]"]
    odd = [
        f"{section}.{name} bukan teks satu baris sampai {LONGEST} huruf"
        for name, value in chosen.items()
        if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable()
    ]
    return [*_unknown(section, chosen, kind), *odd]


def _problem(received: str) -> Problem:
    allowed = (
        'pemisahan = "ketat" atau "dicatat"; jangkar = "/jalur/lengkap/kepala.log"; penerima = ["age1..."]; '
        "bagian [kop], [tanda_tangan], [pemberitahuan], [pintu], dan [mesin]"
    )
    return Problem("kantor.toml", received, allowed, "perbaiki baris itu, lihat docs/operator.md")
