"""What may stand in ``kantor.toml``, section by section, and what holds when nothing does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from expectations.approvals import Separation


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
    """How much of the machine the office may take.

    ``memori_mib``: memory of one step of the store in MiB, 0 = half of what this machine or container has;
    ``sementara``: full path of a folder for work that does not fit (encrypted there), "" = the office's own
    ``scratch/``. ``pekerja``: processes that run batches; ``serentak``: how many batches each has in hand at a time.
    ``dask``: scheduler whose workers search for duplicates (docs/growth.md), "" = this machine.
    """

    memori_mib: int = 0
    sementara: str = ""
    pekerja: int = 1
    serentak: int = 4
    dask: str = ""


@dataclass(frozen=True)
class OfficeSettings:
    """Everything of ``kantor.toml``. ``jangkar``: the second file's full path, "" = beside the office.

    ``salinan_kunci``: a folder on another disk for copies of the batches' keys, full path, "" = none. ``penerima``: age
    recipients of unmasked evidence packs. ``retensi_tahun``: years after which a finished batch may be destroyed, by
    the office's own schedule of retention; 0 = none chosen, and nothing is destroyed.
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
    retensi_tahun: int = 0
