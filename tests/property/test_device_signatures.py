"""Two readings of a device's signature: ours, which auditors use for ever, and py_webauthn's, asked while signing.

Every example is a real signature with something wrong in it, or nothing; both must say the same.
"""

import json
from dataclasses import dataclass, replace
from hashlib import sha256

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from office_kit.device_key import EDDSA, ES256, ORIGIN, RP, RS256, DeviceKey

from tasks.approvals.device import Assertion, Device, challenge_of, from_base64url, judge, to_base64url
from tasks.approvals.online import credential_facts

PARTS = ("credential", "client", "authenticator", "signature")
KEYS = {kind: DeviceKey(kind) for kind in (ES256, EDDSA, RS256)}
OTHERS = {kind: DeviceKey(kind) for kind in (ES256, EDDSA, RS256)}
TOLD = b"sinkron-putusan/1\n{}"


@dataclass(frozen=True)
class Case:
    """What one judge is asked."""

    device: Device
    assertion: Assertion
    statement: bytes = TOLD
    last: int = 0


def ours(case: Case) -> bool:
    return judge(case.device, case.assertion, case.statement, case.last) == ""


def theirs(case: Case) -> bool:
    """The library's verdict, as the office asks it; it is told nothing about the id, which is looked up before."""
    from webauthn import verify_authentication_response

    if case.assertion.credential != case.device.credential:
        return False
    try:
        verify_authentication_response(
            credential=credential_facts(case.assertion), expected_challenge=sha256(case.statement).digest(),
            expected_rp_id=case.device.rp, expected_origin=case.device.origin,
            credential_public_key=bytes.fromhex(case.device.key), credential_current_sign_count=case.last,
            require_user_verification=True,
        )  # fmt: skip
    except Exception:  # noqa: BLE001 (a refusal, whatever its kind)
        return False
    return True


def fresh(kind: int, **lies: object) -> Case:
    key = KEYS[kind]
    key.count = 4
    return Case(key.device(), key.sign(TOLD, **lies), last=4)


@pytest.mark.parametrize("kind", list(KEYS))
def test_an_honest_signature_is_right_for_both(kind: int) -> None:
    """If this fails, people with that kind of device cannot sign, or no auditor can check what they signed."""
    case = fresh(kind)
    assert (ours(case), theirs(case)) == (True, True)


@pytest.mark.parametrize("kind", [ES256, EDDSA])
@pytest.mark.parametrize("part", PARTS)
def test_no_flipped_bit_passes(kind: int, part: str) -> None:
    """If this fails, a changed signature, origin, flag or count is evidence all the same. Every bit is tried."""
    case = fresh(kind)
    content = from_base64url(getattr(case.assertion, part))
    for at in range(len(content) * 8):
        changed = bytearray(content)
        changed[at // 8] ^= 1 << at % 8
        broken = replace(case, assertion=replace(case.assertion, **{part: to_base64url(bytes(changed))}))
        assert (ours(broken), theirs(broken)) == (False, False), at


@settings(max_examples=300)
@given(
    kind=st.sampled_from([ES256, EDDSA]), flags=st.integers(0, 255), count=st.integers(0, 9), last=st.integers(0, 9),
    tail=st.sampled_from([b"", b"\xa0", b"\xa1\x61x\x01", b"x", bytes(20)]), origin=st.sampled_from([ORIGIN, "https://x.example"]),
    rp=st.sampled_from([RP, "x.example"]), type=st.sampled_from(["webauthn.get", "webauthn.create"]),
)  # fmt: skip
@example(ES256, 0x05, 5, 4, b"", ORIGIN, RP, "webauthn.get")
@example(ES256, 0x05, 0, 0, b"", ORIGIN, RP, "webauthn.get")
@example(EDDSA, 0x85, 5, 4, b"\xa0", ORIGIN, RP, "webauthn.get")
def test_whatever_a_device_says_both_read_it_alike(  # noqa: PLR0913, PLR0917 (one argument per lie)
    kind: int,
    flags: int,
    count: int,
    last: int,
    tail: bytes,
    origin: str,
    rp: str,
    type: str,  # noqa: A002 (its name)
) -> None:
    """If this fails, what counts today is called forged by an auditor later, or the other way round.

    Ours is stricter in two things, which are taken out here: a device that may be copied must have said so when it was
    enrolled, and extensions that nobody asked for are not read.
    """
    case = replace(fresh(kind, flags=flags, count=count, tail=tail, origin=origin, rp=rp, type=type), last=last)
    case = replace(case, device=replace(case.device, backup=bool(flags & 0x08)))
    if flags & 0x80 and tail not in (b"\xa0", b"\xa1\x61x\x01"):
        assert not theirs(case) or not ours(case)
        return
    assert ours(case) is theirs(case)


@given(st.sampled_from(list(KEYS)), st.binary(max_size=60), st.integers(0, 2))
def test_another_statement_or_key_never_passes(kind: int, statement: bytes, other: int) -> None:
    """If this fails, a signature moves to another decision, or to another person's key."""
    case = fresh(kind)
    strange = replace(case.device, key=OTHERS[kind].cose.hex())
    moved = [replace(case, statement=statement), replace(case, device=strange), replace(case, last=5)][other]
    assert (ours(moved), theirs(moved)) == (False, False)


@given(st.binary(max_size=90), st.sampled_from(PARTS))
def test_noise_is_refused_and_never_crashes(noise: bytes, part: str) -> None:
    """If this fails, a stranger's bytes stop the ledger's replay or the door."""
    case = fresh(ES256)
    for text in (to_base64url(noise), noise.decode("latin-1"), ""):
        broken = replace(case, assertion=replace(case.assertion, **{part: text}))
        assert not ours(broken)


@given(st.binary(max_size=90))
def test_noise_is_no_key(noise: bytes) -> None:
    """If this fails, a damaged entry of a device stops the replay instead of being told."""
    case = fresh(ES256)
    broken = replace(case, device=replace(case.device, key=noise.hex()))
    assert (ours(broken), theirs(broken)) == (False, False)


@pytest.mark.parametrize("kind", list(KEYS))
def test_no_flipped_bit_of_a_key_passes(kind: int) -> None:
    """If this fails, a device's key exchanged in part still fits its signatures."""
    case = fresh(kind)
    content = bytes.fromhex(case.device.key)
    for at in range(len(content) * 8):
        changed = bytearray(content)
        changed[at // 8] ^= 1 << at % 8
        assert not ours(replace(case, device=replace(case.device, key=changed.hex()))), at


def test_what_only_the_library_takes_is_refused() -> None:
    """If this fails, a page of another site in a frame, or a copied device, signs and only we knew better."""
    for lies in ({"crossOrigin": True}, {"topOrigin": "https://x.example"}, {"flags": 0x0D}):
        case = fresh(ES256, **lies)
        assert (ours(case), theirs(case)) == (False, True), lies
    padded = replace(fresh(ES256).assertion)
    client = json.loads(from_base64url(padded.client))
    assert client["challenge"] == challenge_of(TOLD)
