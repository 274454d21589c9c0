"""BSrE signs the Berita Acara through the office's Esign Client Service: here one built after its documentation."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from office_kit import signature_forger as forger
from office_kit.bsre_server import ACCOUNT, Service, esign_client_service
from office_kit.certificates import SINCE, authority
from office_kit.residents import nik_of
from office_kit.signers import NIP
from office_kit.signing import ROLES, Table, copy_of, lay, officials, trust
from office_kit.small import Batch
from office_kit.small import copy_of as copy_of_batch

from tasks.errors import Exit, UserError
from tasks.ledger import open_ledger
from tasks.signing.bsre import LOGIN, BsreSigner
from tasks.signing.pades import Order
from tasks.signing.sign import check_file
from tasks.signing.signer import Chosen
from tasks.store import open_store

NIK = {role: nik_of(SINCE.date() - timedelta(days=15_000 + 400 * number), "1", 9801 + number)
       for number, role in enumerate(ROLES)}  # fmt: skip
PHRASE = "frasa rahasia KENARI"


@pytest.fixture
def service() -> Iterator[Service]:
    """Three officials who have certificates at BSrE."""
    people = {NIK[role]: (f"{PHRASE} {role}", officials()[role]) for role in ROLES}
    with esign_client_service(Service(people)) as running:
        yield running


@pytest.fixture(scope="module")
def laid(small: Batch, tmp_path_factory: pytest.TempPathFactory) -> Table:
    """A written batch with its unsigned paper."""
    return lay(copy_of_batch(small, tmp_path_factory.mktemp("ttd") / "kantor"))


@pytest.fixture
def table(laid: Table, tmp_path: Path, service: Service) -> Table:
    """An office that signs with that service."""
    table = copy_of(laid, tmp_path / "kantor")
    trust(table.office, authority(), f'cara = "bsre"\nalamat = "{service.address}"\n')
    login = table.office.key_file.with_name(LOGIN)
    login.write_text(":".join(ACCOUNT) + "\n")
    login.chmod(0o600)
    service.now = table.now + timedelta(minutes=5)
    return table


def sign(table: Table, role: str, *typed: str) -> bytes:
    path = table.sign(role, Chosen(), *(typed or (NIK[role], f"{PHRASE} {role}")))
    return path.read_bytes()


def refusal(table: Table, *typed: str) -> UserError:
    """Why the Kasi's signature was refused; nothing is stored, nothing personal is told."""
    with pytest.raises(UserError) as caught:
        sign(table, "kasi", *typed)
    told = f"{caught.value!r} {caught.value.__context__!r} {caught.value.__cause__!r}"
    assert NIK["kasi"] not in told
    assert PHRASE not in told
    assert not list((table.office.documents / table.batch.agenda).glob("*-ttd.pdf"))
    return caught.value


def test_three_officials_sign(table: Table, service: Service, caplog: pytest.LogCaptureFixture) -> None:
    """If this fails, an office with BSrE certificates cannot sign its Berita Acara."""
    caplog.set_level(logging.DEBUG)
    for role in ROLES:
        service.now = table.now + timedelta(minutes=1)
        pdf = sign(table, role)
    later = replace(table, now=table.now + timedelta(minutes=2))
    assert later.check(pdf, by_server=True) == []
    assert later.check(pdf) != []  # an office that signs with its own certificates wants its own fields
    with open_ledger(table.office) as ledger, open_store(table.office) as con:
        asked = (table.batch.agenda, pdf, later.now)
        assert check_file(con, ledger, table.office, asked) == []
        trust(table.office, authority(), f'cara = "p12"\nalamat = "{service.address}"\n')
        assert check_file(con, ledger, table.office, asked) == []  # signed before the office changed its way
        trust(table.office, authority())
        assert check_file(con, ledger, table.office, asked) != []  # an office that never had that service
    path, kind, form = service.seen[0]
    assert (path, kind.split(";")[0]) == ("/api/sign/pdf", "multipart/form-data")
    assert set(form) == {"file", "nik", "passphrase", "tampilan", "reason"}
    assert form["tampilan"] == b"invisible"
    assert form["file"] == table.paper
    assert form["reason"].decode() == table.expected.reason(table.who("kasi"))
    assert not [r for r in caplog.records if NIK["kasi"] in r.getMessage() or PHRASE in r.getMessage()]
    held = [path for path in table.office.home.rglob("*") if path.is_file() and PHRASE.encode() in path.read_bytes()]
    assert held == []


@pytest.mark.parametrize(
    ("typed", "words", "code"),
    [
        ((NIK["kasi"], f"{PHRASE} salah"), "frasa sandi salah", Exit.IDENTITY),
        ((NIK["kasi"][:12] + "9999", PHRASE), "NIK tidak terdaftar", Exit.IDENTITY),
        ((NIK["kasi"][:15], PHRASE), "bukan 16 angka", Exit.IDENTITY),
    ],
)  # fmt: skip
def test_wrong_person(table: Table, typed: tuple[str, str], words: str, code: Exit) -> None:
    """If this fails, an official is not told what BSrE refuses, or the refusal repeats the NIK or passphrase."""
    error = refusal(table, *typed)
    assert words in str(error)
    assert error.exit_code is code


def test_expired_certificate(table: Table, service: Service) -> None:
    """If this fails, an official with an expired certificate tries the passphrase until it is blocked."""
    expired = authority().certify(NIP["kasi"], "UJI", until=SINCE + timedelta(days=30))
    service.people[NIK["kasi"]] = (f"{PHRASE} kasi", expired)
    assert "kedaluwarsa" in str(refusal(table))


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        ("login page", "jawaban bukan PDF"), ("broken", "menolak, HTTP 500"), ("elsewhere", "menolak, HTTP 307"),
        ("another paper", "bukan PDF yang dikirim"), ("hangs up", "hubungan putus"),
    ],
)  # fmt: skip
def test_service_that_answers_oddly(table: Table, service: Service, mood: str, words: str) -> None:
    """If this fails, a login page or another paper becomes the office's signed Berita Acara."""
    service.mood = mood
    error = refusal(table)
    assert words in str(error)
    assert error.exit_code is Exit.OFFICE
    assert len(service.seen) == 1  # never twice: wrong passphrases are counted, and it may have signed


def test_service_that_does_not_sign(table: Table, service: Service) -> None:
    """If this fails, a paper without a signature is filed as signed."""
    service.mood = "unsigned"
    assert "tidak ada tanda tangan" in str(refusal(table))


def test_service_that_signs_for_another(table: Table, service: Service) -> None:
    """If this fails, the Kabid's BSrE account signs for the Kasi."""
    assert "bukan milik NIP" in str(refusal(table, NIK["kabid"], f"{PHRASE} kabid"))


def test_service_that_is_silent(table: Table, service: Service) -> None:
    """If this fails, the office waits for ever, or asks twice for one signature."""
    service.mood = "silent"
    answers = iter((NIK["kasi"], f"{PHRASE} kasi"))
    login = table.office.key_file.with_name(LOGIN)
    signer = BsreSigner(service.address, login, lambda _: next(answers), seconds=0.5)
    with pytest.raises(UserError, match="tidak menjawab pada waktunya") as caught:
        signer.sign(table.paper, Order(table.expected, table.who("kasi"), {}, table.now))
    assert caught.value.__suppress_context__
    assert len(service.seen) == 1


def test_service_that_is_down(table: Table) -> None:
    """If this fails, a service that does not run looks like a fault of the official's."""
    trust(table.office, authority(), 'cara = "bsre"\nalamat = "http://127.0.0.1:9"\n')
    error = refusal(table)
    assert "tidak terhubung" in str(error)
    assert error.exit_code is Exit.OFFICE


@pytest.mark.parametrize(
    "address", ["", "http://10.1.2.3", "esign.kota.go.id", "ftp://127.0.0.1", "https://a:b@esign.kota.go.id"]
)  # fmt: skip
def test_address_without_tls(table: Table, address: str) -> None:
    """If this fails, NIK and passphrase travel through the office's network in clear."""
    trust(table.office, authority(), f'cara = "bsre"\nalamat = "{address}"\n')
    assert "bukan alamat https" in str(refusal(table, "tidak ditanyakan"))


@pytest.mark.parametrize("fault", ["missing", "open", "no colon", "wrong"])
def test_account_of_the_application(table: Table, service: Service, fault: str) -> None:
    """If this fails, the application's password lies open to everybody on the machine, or its fault is not told."""
    login = table.office.key_file.with_name(LOGIN)
    login.write_text({"no colon": "sinkron", "wrong": "sinkron:lain"}.get(fault, ":".join(ACCOUNT)))
    login.chmod(0o644 if fault == "open" else 0o600)
    if fault == "missing":
        login.unlink()
    words = "nama atau sandi aplikasi ditolak" if fault == "wrong" else "mode 0600"
    assert words in str(refusal(table))
    assert len(service.seen) == (fault == "wrong")


def test_papers_signed_by_the_service_and_changed(table: Table, service: Service) -> None:
    """If this fails, a paper signed by BSrE can be changed, cut back or filled with another text unnoticed."""
    for role in ROLES:
        service.now = table.now + timedelta(minutes=1)
        pdf = sign(table, role)
    later = replace(table, now=table.now + timedelta(minutes=2))
    for change in (forger.page_replaced, forger.note_added, forger.script_added, forger.stripped,
                   lambda whole: forger.cut_back(whole, 2), lambda whole: whole + b"%tambahan\n",
                   lambda whole: forger.flipped(whole, 5000, 1)):  # fmt: skip
        assert later.check(change(pdf), by_server=True) != []
