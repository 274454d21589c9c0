"""The key lies on a PKCS#11 token: here SoftHSM, a token in software with the library of a real one."""

import os
import shutil
import subprocess
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from office_kit.certificates import Certified
from office_kit.signing import ROLES, Table, authority, lay, trust
from office_kit.small import Batch
from pkcs11 import Attribute, ObjectClass
from pkcs11.util.rsa import decode_rsa_private_key

from tasks.errors import UserError
from tasks.signing.signer import Chosen

PIN, LABEL = "9171", "DUKCAPIL UJI"
LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
             "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so")  # fmt: skip


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> str:
    """SoftHSM with one token, or the reason why there is none: a failure in CI, a skip on a desk."""
    found = next((path for path in LIBRARIES if Path(path).exists()), None)
    if found is None or shutil.which("softhsm2-util") is None:
        reason = "SoftHSM tidak ada (Debian: apt-get install softhsm2)"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "token").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'token'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")  # the library reads it once in a process
    initial = ("--init-token", "--free", "--label", LABEL, "--so-pin", "12345678", "--pin", PIN)
    subprocess.run(["softhsm2-util", *initial], check=True, capture_output=True)
    return found


def store(library: str, certified: Certified, number: bytes) -> None:
    """Puts a key and its certificate on the token."""
    assert isinstance(certified.key, rsa.RSAPrivateKey)
    key = certified.key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    with pkcs11.lib(library).get_token(token_label=LABEL).open(rw=True, user_pin=PIN) as session:
        facts = {Attribute.TOKEN: True, Attribute.ID: number, Attribute.SIGN: True, Attribute.PRIVATE: True}
        session.create_object(decode_rsa_private_key(key) | facts)
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                Attribute.TOKEN: True, Attribute.ID: number, Attribute.VALUE: certified.der,
                Attribute.SUBJECT: certified.certificate.subject.public_bytes(),
            }
        )  # fmt: skip


@pytest.fixture
def table(batch: Batch, library: str) -> Table:
    """An office whose officials share one token."""
    return lay(batch, f'cara = "pkcs11"\nmodul = "{library}"\ntoken = "{LABEL}"\n')


def test_officials_sign_with_a_token(table: Table, library: str) -> None:
    """If this fails, an office with smart cards or an HSM cannot sign, or the wrong key of a shared token signs."""
    with pytest.raises(UserError, match="tanpa sertifikat"):
        table.sign("kasi", Chosen(), PIN)
    store(library, table.people["kabid"], b"\x02")
    with pytest.raises(UserError, match="serialNumber sertifikat bukan NIP"):
        table.sign("kasi", Chosen(), PIN)
    for number, role in enumerate(("kasi", "kadis")):
        store(library, table.people[role], bytes([16 + number]))
    for role in ROLES:
        path = table.sign(role, Chosen(), PIN)
    assert table.check(path.read_bytes()) == []


def test_token_that_refuses(table: Table, library: str) -> None:
    """If this fails, a mistyped PIN ends in a traceback, or is told to whoever reads the log."""
    for label, pin, words in ((LABEL, "0000", "PIN salah"), ("TIDAK ADA", PIN, "token tidak ada")):
        with pytest.raises(UserError, match=words) as caught:
            table.sign("kasi", Chosen(token=label), pin)
        assert pin not in str(caught.value)
    for settings, words in (('modul = ""', "tidak diisi"), ('modul = "/tidak/ada.so"', "menolak")):
        trust(table.office, authority(), f'cara = "pkcs11"\n{settings}\ntoken = "{LABEL}"\n')
        with pytest.raises(UserError, match=words):
            table.sign("kasi", Chosen(), PIN)
