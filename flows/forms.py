"""What a person fills in when resuming. No default on decision or identity: an empty answer is never a Yes."""

from enum import StrEnum
from typing import Any

from prefect.input import RunInput
from pydantic import Field, SecretStr

NIP = Field(title="NIP", description="18 angka, tanpa spasi", pattern=r"^[0-9]{18}$")
CODE = Field(
    title="Kode sekali pakai", description="6 angka dari aplikasi autentikator Anda", min_length=6, max_length=6
)


def _file_code(where: str) -> Any:
    """Not shown in the form: who retypes it has opened the page that says what is signed."""
    described = f"8 huruf/angka, misalnya K7Q2-9XMT, dari {where}"
    return Field(title="Kode berkas", description=described, min_length=8, max_length=16)


CODE_OF_STAFF = _file_code("lembar Petunjuk di lembar kerja, atau halaman draf (tab Artifacts run ini)")
CODE_OF_CHAIN = _file_code("kotak KODE BERKAS lembar verifikasi, atau halaman usulan (tab Artifacts run ini)")


class Decision(StrEnum):
    """Ya goes on, Tidak goes back to Staff, Cabut takes back the signature given last, by the one who gave it."""

    YES = "Ya"
    NO = "Tidak"
    WITHDRAW = "Cabut"


class Submission(StrEnum):
    """Staff submits the proposal for approval."""

    SUBMIT = "Ajukan"


class ApproverForm(RunInput):
    """Kasi, Kabid, Kadis."""

    keputusan: Decision = Field(
        title="Keputusan",
        description="Ya = setuju. Tidak = kembali ke Staff, catatan wajib. "
        "Cabut = penanda tangan jenjang sebelumnya menarik tanda tangannya.",
    )
    kode_berkas: str = CODE_OF_CHAIN
    catatan: str = Field(
        "", title="Catatan", description="Wajib bila Tidak. Jangan tulis NIK atau nama penduduk.", max_length=500
    )
    nip: str = NIP
    kode: SecretStr = CODE


class StaffForm(RunInput):
    """Staff: submit the proposal, with or without a filled worksheet."""

    keputusan: Submission = Field(title="Keputusan", description="Ajukan = usulan diteruskan ke Kasi.")
    kode_berkas: str = CODE_OF_STAFF
    lembar_kerja: str = Field(
        "",
        title="Lembar kerja",
        max_length=100,
        pattern=r"^[A-Za-z0-9._-]*$",
        description="Nama berkas di folder meja/. Kosong = semua usulan disetujui apa adanya.",
    )
    catatan: str = Field("", title="Catatan", description="Jangan tulis NIK atau nama penduduk.", max_length=500)
    nip: str = NIP
    kode: SecretStr = CODE
