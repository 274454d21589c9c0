"""The Merkle tree of the ledger is RFC 6962's: against its published vectors and a reading of the RFC written apart."""

import runpy
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office_kit.auditor import VERIFIER
from office_kit.packs import CHECKER

from tasks.tree import Tree, proofs

# Certificate Transparency's published test vectors: data of eight leaves, and the root after each.
DATA = ["", "00", "10", "2021", "3031", "40414243", "50515253" + "54555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATH_OF_FIRST = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
CHECK = runpy.run_path(str(CHECKER))
LEDGERS = st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), min_size=1, max_size=70)


def mth(data: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not data:
        return sha256().digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = 1
    while k * 2 < len(data):
        k *= 2
    return sha256(b"\x01" + mth(data[:k]) + mth(data[k:])).digest()


def path(m: int, data: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1, word for word."""
    if len(data) == 1:
        return []
    k = 1
    while k * 2 < len(data):
        k *= 2
    return [*path(m, data[:k]), mth(data[k:])] if m < k else [*path(m - k, data[k:]), mth(data[:k])]


def test_published_vectors() -> None:
    """If this fails, our tree is another one than the standard's, and no tool of others can check it."""
    tree = Tree()
    assert tree.facts == {"size": 0, "root": sha256().hexdigest()}
    for number, data in enumerate(DATA, 1):
        tree.add(bytes.fromhex(data))
        assert tree.facts == {"size": number, "root": ROOTS[number - 1]}
    assert mth([bytes.fromhex(one) for one in DATA]).hex() == ROOTS[-1]
    assert [one.hex() for one in path(0, [bytes.fromhex(one) for one in DATA])] == PATH_OF_FIRST


@given(hashes=LEDGERS)
def test_root_and_proofs_are_the_standards(hashes: list[str]) -> None:
    """If this fails, a root in the ledger or a proof in a pack is wrong for some number of entries."""
    data = [bytes.fromhex(one) for one in hashes]
    root = mth(data).hex()
    assert Tree(hashes).facts == {"size": len(hashes), "root": root}
    assert CHECK["root"](hashes).hex() == root
    assert runpy.run_path(str(VERIFIER))["root"](hashes).hex() == root
    for at, proof in enumerate(proofs(hashes, range(len(hashes)))):
        assert proof == [one.hex() for one in path(at, data)]
        assert CHECK["climb"](hashes[at], at, len(hashes), proof).hex() == root


@given(hashes=LEDGERS, data=st.data())
def test_no_other_proof_leads_to_the_root(hashes: list[str], data: st.DataObject) -> None:
    """If this fails, an entry that is not in the ledger can be shown as one that is."""
    at = data.draw(st.integers(0, len(hashes) - 1))
    (proof,) = proofs(hashes, [at])
    root, climb, size = Tree(hashes).facts["root"], CHECK["climb"], len(hashes)
    other = data.draw(st.binary(min_size=32, max_size=32)).hex()
    if other != hashes[at]:
        assert climb(other, at, size, proof).hex() != root
    elsewhere = data.draw(st.integers(0, size - 1))
    if hashes[elsewhere] != hashes[at]:
        assert climb(hashes[at], elsewhere, size, proof).hex() != root
    assert climb(hashes[at], at, size, [*proof, other]).hex() != root
    if proof:
        assert climb(hashes[at], at, size, proof[:-1]).hex() != root
        assert climb(hashes[at], at, size, proof[1:]).hex() != root
        assert climb(hashes[at], at, size, [*proof[:-1], other]).hex() != root or proof[-1] == other


@pytest.mark.parametrize("size", [1, 2, 3, 4095, 4096, 4097])
def test_large_ledgers(size: int) -> None:
    """If this fails, proofs break where a tree becomes one level higher."""
    hashes = [sha256(str(number).encode()).hexdigest() for number in range(size)]
    root = Tree(hashes).facts["root"]
    places = [0, size // 2, size - 1]
    for at, proof in zip(places, proofs(hashes, places), strict=True):
        assert CHECK["climb"](hashes[at], at, size, proof).hex() == root
        assert len(proof) <= (size - 1).bit_length()
