"""kantor.toml: the office's own choices, all faults at once."""

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_type_hints

import pytest

from expectations.approvals import Separation
from tasks.errors import UserError
from tasks.office import Office
from tasks.office_settings import Letterhead, Notices, OfficeSettings, Shape, Signature, read_settings
from tasks.office_settings.allowed import ALLOWED
from tasks.office_settings.faults import PEOPLE

WHOLE = """
jangkar = "/mnt/lain/kepala.log"
pemisahan = "dicatat"
penerima = ["age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"]

[kop]
alamat = "Jalan Contoh Nomor 1"
kode_surat = "400.12"

[tanda_tangan]
cara = "p12"
akar = "/etc/sinkron/akar.pem"

[pemberitahuan]
surel = "relay.kota.example:25"
dari = "sinkron@kota.example"
webhook = "https://gateway.kota.example/kirim"
bentuk = "telegram"
blok = "slack-webhook/kantor"

[pemberitahuan.alamat]
kasi = "kasi@kota.example"

[pemberitahuan.obrolan]
kasi = "12345"
"""


def test_without_a_file_the_defaults_hold(office: Office) -> None:
    """If this fails, an office that chose nothing has no letterhead, or a loose separation of duties."""
    assert office.settings == OfficeSettings()
    assert office.settings.kop.pemerintah == "PEMERINTAH KOTA MOJOKERTO"
    assert office.separation() is Separation.STRICT
    assert office.anchors == office.home / "jangkar/kepala.log"


def test_every_choice_is_read(office: Office) -> None:
    """If this fails, letters bear another head than the office wrote, or are signed another way."""
    office.settings_file.write_text(WHOLE)
    chosen = office.settings
    assert chosen.kop == Letterhead(alamat="Jalan Contoh Nomor 1", kode_surat="400.12")
    assert (chosen.tanda_tangan.cara, chosen.tanda_tangan.akar) == (Signature.PKCS12, "/etc/sinkron/akar.pem")
    assert len(chosen.penerima) == 1
    assert chosen.pemberitahuan == Notices(
        "relay.kota.example:25", "sinkron@kota.example", "https://gateway.kota.example/kirim", "slack-webhook/kantor",
        Shape.TELEGRAM, {"kasi": "kasi@kota.example"}, {"kasi": "12345"},
    )  # fmt: skip
    assert (office.separation(), office.anchors) == (Separation.NOTED, Path("/mnt/lain/kepala.log"))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """If this fails, the operator mends one line after the other, or a fault is silently taken as the default."""
    path = tmp_path / "kantor.toml"
    path.write_text(
        'pemisahan = "longgar"\njangkar = "dekat"\nlain = 1\npenerima = ["bukan kunci"]\n'
        '[kop]\nalamat = "dua\\nbaris"\nwarna = "merah"\n[tanda_tangan]\ncara = "cap jempol"\n'
    )
    with pytest.raises(UserError) as refused:
        read_settings(path)
    told = str(refused.value)
    for fault in (
        'pemisahan: "longgar". Seharusnya: "ketat" atau "dicatat"', 'jangkar: "dekat"', "lain: nama tidak dikenal",
        "penerima:", "kop.alamat:", "kop.warna: nama tidak dikenal", 'tanda_tangan.cara: "cap jempol"',
    ):  # fmt: skip
        assert f"kantor.toml, {fault}" in told
    assert len(refused.value.problems) == 7


def test_all_faults_of_the_notices_are_told(tmp_path: Path) -> None:
    """If this fails, reminders go nowhere and nobody hears of it."""
    path = tmp_path / "kantor.toml"
    path.write_text(
        '[pemberitahuan]\nsurel = "relay kota"\nwebhook = "gateway"\nbentuk = "merpati"\nblok = "Slack"\n'
        'warna = "merah"\n'
        '[pemberitahuan.alamat]\nbupati = "b@kota.example"\n[pemberitahuan.obrolan]\nkasi = 12\n'
    )
    with pytest.raises(UserError) as refused:
        read_settings(path)
    told = str(refused.value)
    for fault in ("surel:", "dari:", "webhook:", "blok:", 'bentuk: "merpati"', "warna:", "alamat.bupati:",
                  "obrolan.kasi: 12"):  # fmt: skip
        assert f"kantor.toml, pemberitahuan.{fault}" in told
    assert len(refused.value.problems) == 8


def test_a_bots_token_is_not_repeated(tmp_path: Path) -> None:
    """If this fails, the token in a mistyped webhook stands on the screen and in the server's log."""
    path = tmp_path / "kantor.toml"
    path.write_text('[pemberitahuan]\nwebhook = "htps://api.example/bot123:RAHASIA/sendMessage"\n')
    with pytest.raises(UserError, match=r"pemberitahuan\.webhook") as refused:
        read_settings(path)
    assert "RAHASIA" not in str(refused.value)


@pytest.mark.parametrize(("content", "told"), [
    (b"retensi_tahun = 10\njangkar = = 3\n", "baris 2 huruf ke-11"),
    (b"retensi_tahun = 1\nretensi_tahun = 2\n", "tiap nama sekali"),
    ('kop = "Jalan Andr\xe9"'.encode("latin-1"), "bukan UTF-8"),
    ("retensi_tahun = 10".encode("utf-16"), "bukan UTF-8"),
])  # fmt: skip
def test_where_the_file_cannot_be_read_is_told(content: bytes, told: str, tmp_path: Path) -> None:
    """If this fails, the operator looks for one missing quotation mark in the whole of kantor.toml."""
    path = tmp_path / "kantor.toml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=told):
        read_settings(path)


def test_settings_on_a_disk_that_is_not_there_are_no_defaults(office: Office) -> None:
    """If this fails, an office whose settings are not mounted stands open: no login, no second disk, no anchors."""
    office.settings_file.symlink_to("/mnt/tidak-ada/kantor.toml")
    with pytest.raises(UserError, match="tidak dapat dibuka"):
        _ = office.settings
    (office.home / "ambang.toml").symlink_to("/mnt/tidak-ada/ambang.toml")
    with pytest.raises(UserError, match="tidak dapat dibuka"):
        office.thresholds()


@pytest.mark.parametrize("address", ["kasi", "a@b.example, c d", "a@b.example;"])
def test_an_address_that_is_none_is_told(address: str, tmp_path: Path) -> None:
    """If this fails, a reminder goes to nobody, and the office learns of it when the limit has passed."""
    path = tmp_path / "kantor.toml"
    path.write_text(f'[pemberitahuan.alamat]\nkasi = "{address}"\n')
    with pytest.raises(UserError, match=r"pemberitahuan\.alamat\.kasi"):
        read_settings(path)


def test_notepads_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """If this fails, kantor.toml as Windows' Notepad saves it is refused for a sign that nobody sees."""
    path = tmp_path / "kantor.toml"
    path.write_bytes(b"\xef\xbb\xbfretensi_tahun = 10\n")
    assert read_settings(path).retensi_tahun == 10


def test_every_setting_is_judged() -> None:
    """If this fails, a name that kantor.toml may hold is taken unseen, or one is judged that nothing reads."""
    judged = {name for name in [*ALLOWED, PEOPLE] if name}
    for section, kind in {"": OfficeSettings, **get_type_hints(OfficeSettings)}.items():
        if is_dataclass(kind):
            inner = {name.rpartition(".")[2] for name in judged if name.rpartition(".")[0] == section}
            assert {*ALLOWED[section], *inner} == {one.name for one in fields(kind)}


@pytest.mark.parametrize("text", ["kop = 3", "pemberitahuan = 3", 'tanda_tangan = "p12"', "[kop", 'penerima = "age1"'])
def test_odd_files_are_refused(text: str, tmp_path: Path) -> None:
    """If this fails, a slip of the pen in kantor.toml ends in a traceback."""
    path = tmp_path / "kantor.toml"
    path.write_text(text)
    with pytest.raises(UserError, match=r"kantor\.toml"):
        read_settings(path)
