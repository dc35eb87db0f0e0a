"""The Merkle tree of RFC 6962 over leaf hashes: roots, proofs, and their verification.

A *node* `(level, index)` is the perfect subtree over the leaves `[index << level, (index + 1) << level)`;
proofs are planned as spans `[start, end)` of leaves and each span is folded from its nodes, so that whoever
keeps only nodes (tiles) can answer with few of them.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

SIZE = 32  # bytes of a hash
EMPTY = hashlib.sha256(b"").digest()

Node = tuple[int, int]
Span = tuple[int, int]


def parent(left: bytes, right: bytes) -> bytes:
    """RFC 6962 2.1: SHA-256 of a one byte and the two hashes."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Edge:
    """RFC 6962 2.1: the right edge of a growing tree: the roots of its perfect subtrees, largest first.

    It forgets every leaf: a tree of ten million is 24 hashes.
    """

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()):
        self.size, self.peaks = size, list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError(f"{len(self.peaks)} peaks for {size} leaves")

    def append(self, leaf: bytes) -> None:
        peaks, size = self.peaks, self.size
        while size & 1:
            leaf = parent(peaks.pop(), leaf)
            size >>= 1
        peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        return folded(self.peaks)


def folded(peaks: Sequence[bytes]) -> bytes:
    """RFC 6962 2.1: the root over neighbouring perfect subtrees, largest first."""
    if not peaks:
        return EMPTY
    found = peaks[-1]
    for left in reversed(peaks[:-1]):
        found = parent(left, found)
    return found


def root(leaves: Iterable[bytes]) -> bytes:
    """RFC 6962 2.1: the root over leaf hashes."""
    edge = Edge()
    for leaf in leaves:
        edge.append(leaf)
    return edge.root()


def perfect(level: int, hashes: Sequence[bytes]) -> bytes:
    """RFC 6962 2.1: the root over exactly 2 ** level neighbours."""
    if len(hashes) != 1 << level:
        raise ValueError(f"{len(hashes)} hashes for level {level}")
    while len(hashes) > 1:
        hashes = [parent(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def nodes(start: int, end: int) -> list[Node]:
    """RFC 6962 2.1: the perfect subtrees of the leaves `[start, end)`, largest first.

    `start` must be a multiple of a power of two that is at least `end - start`.
    """
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def inclusion(index: int, size: int) -> list[Span]:
    """RFC 6962 2.1.1: whose hashes prove leaf `index` in a tree of `size`, from the leaf up."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} of {size}")
    spans, start, end = [], 0, size
    while end - start > 1:
        middle = start + _half(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency(old: int, new: int) -> list[Span]:
    """RFC 6962 2.1.2: whose hashes prove that a tree of `new` begins with the tree of `old`."""
    if not 0 < old <= new:
        raise ValueError(f"from {old} to {new}")
    spans, start, end = [], 0, new
    while old != end:
        middle = start + _half(end - start)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:  # else the reader knows this hash: it is the old root
        spans.append((start, end))
    return spans[::-1]


def hashes_of(spans: Iterable[Span], node: Callable[[Node], bytes]) -> list[bytes]:
    """RFC 6962 2.1: the hash of every span, from the hashes of its nodes."""
    return [folded([node(each) for each in nodes(*span)]) for span in spans]


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162 2.1.3.2: whether `proof` shows the leaf at `index` of the tree of `size` under `root`."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = parent(each, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = parent(found, each)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def extends(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """RFC 9162 2.1.4.2: whether `proof` shows that the tree of `new` begins with the tree of `old`."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = parent(each, before), parent(each, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = parent(after, each)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _half(size):
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1
