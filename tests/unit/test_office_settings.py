"""kantor.toml: the office's own choices, all faults at once."""

from pathlib import Path

import pytest

from expectations.approvals import Separation
from tasks.errors import UserError
from tasks.office import Office
from tasks.office_settings import Letterhead, Notices, OfficeSettings, Shape, Signature, read_settings

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
        "pemisahan = 'longgar'",
        "jangkar bukan",
        "'lain'",
        "penerima",
        "kop.alamat",
        "'kop.warna'",
        "cap jempol",
    ):
        assert fault in told
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
    for fault in ("surel bukan", "webhook bukan", "blok bukan", "merpati", "warna", "'bupati'",
                  "pemberitahuan.obrolan"):  # fmt: skip
        assert fault in told
    assert len(refused.value.problems) == 7


@pytest.mark.parametrize("text", ["kop = 3", "pemberitahuan = 3", 'tanda_tangan = "p12"', "[kop", 'penerima = "age1"'])
def test_odd_files_are_refused(text: str, tmp_path: Path) -> None:
    """If this fails, a slip of the pen in kantor.toml ends in a traceback."""
    path = tmp_path / "kantor.toml"
    path.write_text(text)
    with pytest.raises(UserError, match=r"kantor\.toml"):
        read_settings(path)
