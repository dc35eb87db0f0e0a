"""The tree against the published vectors of RFC 6962 and against its recursive definition."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voting.rules import tree

# The eight leaves, the roots of the first n, and the proofs that go with Certificate Transparency's reference
# implementation of RFC 6962.
INPUTS = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
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
INCLUSIONS = [
    (0, 1, []),
    (
        *(0, 8),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        *(5, 8),
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        *(1, 5),
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCIES = [
    (1, 1, []),
    (
        *(1, 8),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        *(6, 8),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        *(2, 5),
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def leaf(text: bytes) -> bytes:
    return hashlib.sha256(b"\0" + text).digest()


LEAVES = [leaf(each) for each in INPUTS]


def naive(leaves) -> bytes:
    """MTH, as the RFC writes it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + naive(leaves[:k]) + naive(leaves[k:])).digest()


def naive_path(m, leaves):
    """PATH, as the RFC writes it."""
    if len(leaves) == 1:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive(leaves[:k])]


def naive_subproof(m, leaves, whole=True):
    """SUBPROOF, as the RFC writes it."""
    if m == len(leaves):
        return [] if whole else [naive(leaves)]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_subproof(m, leaves[:k], whole), naive(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive(leaves[:k])]


def some(size):
    return [leaf(b"%d" % number) for number in range(size)]


def proved(spans, leaves):
    return tree.hashes_of(
        spans, lambda node: tree.perfect(node[0], leaves[node[1] << node[0] : (node[1] + 1) << node[0]])
    )


def hexes(hashes):
    return [each.hex() for each in hashes]


def test_the_published_roots():
    assert [tree.root(LEAVES[:n]).hex() for n in range(1, 9)] == ROOTS
    assert tree.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSIONS)
def test_the_published_proofs_of_inclusion(index, size, proof):
    assert hexes(proved(tree.inclusion(index, size), LEAVES)) == proof
    raw = [bytes.fromhex(each) for each in proof]
    assert tree.includes(LEAVES[index], index, size, raw, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCIES)
def test_the_published_proofs_of_consistency(old, new, proof):
    assert hexes(proved(tree.consistency(old, new), LEAVES)) == proof
    raw, roots = [bytes.fromhex(each) for each in proof], [bytes.fromhex(each) for each in ROOTS]
    assert tree.extends(old, roots[old - 1], new, roots[new - 1], raw)


@settings(max_examples=150)
@given(st.integers(1, 600), st.data())
def test_any_leaf_of_any_tree_is_proved_as_the_recursive_definition_does(size, data):
    leaves = some(size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root = naive(leaves)
    assert tree.root(leaves) == root
    proof = proved(tree.inclusion(index, size), leaves)
    assert proof == naive_path(index, leaves)
    assert tree.includes(leaves[index], index, size, proof, root)
    between = proved(tree.consistency(old, size), leaves)
    assert between == naive_subproof(old, leaves)
    assert tree.extends(old, naive(leaves[:old]), size, root, between)


@settings(max_examples=150)
@given(st.integers(2, 200), st.data())
def test_a_proof_that_was_touched_proves_nothing(size, data):
    leaves = some(size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size - 1))
    root, before = naive(leaves), naive(leaves[:old])
    proof = proved(tree.inclusion(index, size), leaves)
    between = proved(tree.consistency(old, size), leaves)

    def touched(hashes):
        at = data.draw(st.integers(0, len(hashes) - 1))
        wrong = bytearray(hashes[at])
        wrong[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
        return [*hashes[:at], bytes(wrong), *hashes[at + 1 :]]

    other = (index + 1) % size
    assert not tree.includes(leaves[index], index, size, touched(proof), root)
    assert not tree.includes(leaves[index], index, size, proof[:-1], root)
    assert not tree.includes(leaves[index], index, size, [*proof, root], root)
    assert not tree.includes(leaves[other], index, size, proof, root)
    assert not tree.includes(leaves[index], other, size, proof, root)
    assert not tree.includes(leaves[index], size, size, proof, root)
    assert not tree.extends(old, before, size, root, touched(between))
    assert not tree.extends(old, before, size, root, between[:-1])
    assert not tree.extends(old, before, size, root, [*between, root])
    assert not tree.extends(old, root, size, root, between)
    assert not tree.extends(0, before, size, root, between)


def test_an_edge_grows_as_the_whole_tree_does():
    edge, leaves = tree.Edge(), some(600)
    for number, each in enumerate(leaves, start=1):
        edge.append(each)
        assert edge.root() == naive(leaves[:number])
        again = tree.Edge(edge.size, edge.peaks)
        assert again.root() == edge.root()
    assert len(edge.peaks) == (600).bit_count()
    with pytest.raises(ValueError, match="2 peaks for 600"):
        tree.Edge(600, edge.peaks[:2])


def test_spans_are_cut_into_perfect_subtrees():
    assert tree.nodes(0, 600) == [(9, 0), (6, 8), (4, 36), (3, 74)]
    assert tree.nodes(0, 0) == []
    for first, second in pairwise(tree.nodes(0, 1023)):
        assert first[0] > second[0]
    for wrong in ((5, 5), (-1, 5), (0, 0)):
        with pytest.raises(ValueError, match="leaf"):
            tree.inclusion(*wrong)
    for wrong in ((0, 5), (6, 5)):
        with pytest.raises(ValueError, match="from"):
            tree.consistency(*wrong)
