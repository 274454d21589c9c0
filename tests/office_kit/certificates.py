"""A test authority and the officials' certificates as PKCS#12, made with cryptography."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

PASSPHRASE = "kalimat sandi uji"  # noqa: S105 (opens nothing but the tests' own files)
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
          "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip


def usage(*wanted: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in wanted for name in USAGES})


@dataclass(frozen=True)
class Certified:
    """A key and its certificate."""

    key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()  # goes with it into its file

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def p12(self) -> bytes:
        """A PKCS#12 file locked with PASSPHRASE."""
        locked = BestAvailableEncryption(PASSPHRASE.encode())
        return serialize_key_and_certificates(b"uji", self.key, self.certificate, self.chain, locked)


class Authority:
    """A root that certifies officials."""

    def __init__(self, name: str = "CA UJI SINKRON") -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        built = _builder(subject, subject, key, (SINCE - timedelta(days=365), UNTIL + timedelta(days=3650)))
        built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        built = built.add_extension(usage("key_cert_sign", "crl_sign"), critical=True)
        self.root = Certified(key, built.sign(key, SHA256()))

    def below(self, name: str) -> "Authority":
        """An authority that this one certifies: its officials' certificates lead here over it."""
        made = Authority(name)
        subject, key = made.root.certificate.subject, made.root.key
        built = _builder(subject, self.root.certificate.subject, key, (SINCE, UNTIL))
        built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        built = built.add_extension(usage("key_cert_sign", "crl_sign"), critical=True)
        made.root = Certified(key, built.sign(self.root.key, SHA256()))
        return made

    def certify(self, nip: str, name: str, *, until: datetime = UNTIL, key: PrivateKey | None = None) -> Certified:
        """A certificate for signing, with the NIP as the subject's serialNumber; "" leaves it out."""
        key = key or rsa.generate_private_key(65537, 2048)
        names = [x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
        if nip:
            names.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, nip))
        built = _builder(x509.Name(names), self.root.certificate.subject, key, (SINCE, until))
        built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        built = built.add_extension(usage("digital_signature", "content_commitment"), critical=True)
        return Certified(key, built.sign(self.root.key, SHA256()))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, valid: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    built = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), *valid)
    return built.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


@cache
def authority() -> Authority:
    """The root that the tests' office trusts."""
    return Authority()
