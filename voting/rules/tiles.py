"""A tree kept as tiles: up to 256 neighbouring hashes, of leaves (level 0) or of full tiles a level below.

Only the last tile of a level is not full, and only that one grows. A proof in a log of ten million takes a
handful of tiles.
"""

from collections.abc import Iterable, Mapping, Sequence

from voting.rules import tree

BITS = 8
WIDTH = 1 << BITS

#: level and index of a tile
Place = tuple[int, int]


class Growing:
    """委员会决定: the end of a log: its last tile of every level, and what changed since it was opened."""

    def __init__(self, size: int = 0, last: Mapping[Place, bytes] | None = None):
        self.size, self._full, self._touched = size, {}, set()
        self._open = [
            _cut((last or {}).get(place, b""), count, place) for place, count in zip(*ends(size), strict=True)
        ]

    def append(self, leaf: bytes) -> None:
        self.size += 1
        level = 0
        while True:
            if level == len(self._open):
                self._open.append([])
            hashes = self._open[level]
            hashes.append(leaf)
            self._touched.add(level)
            if len(hashes) < WIDTH:
                return
            self._full[level, (self.size >> BITS * (level + 1)) - 1] = b"".join(hashes)
            leaf = tree.perfect(BITS, hashes)
            self._open[level] = []
            level += 1

    def root(self) -> bytes:
        peaks = []
        for hashes in reversed(self._open):
            peaks += [
                tree.perfect(level, hashes[at << level : (at + 1) << level])
                for level, at in tree.nodes(0, len(hashes))
            ]
        return tree.folded(peaks)

    def changed(self) -> dict[Place, bytes]:
        """Every tile as it is now that is not as it was; asking forgets them."""
        found = self._full | {
            (level, self.size >> BITS * (level + 1)): b"".join(self._open[level])
            for level in self._touched
            if self._open[level]
        }
        self._full, self._touched = {}, set()
        return found


def ends(size: int) -> tuple[list[Place], list[int]]:
    """委员会决定: the last tile of each level of a log of `size`, and how many hashes it has."""
    places, counts, level = [], [], 0
    while size >> BITS * level:
        places.append((level, size >> BITS * (level + 1)))
        counts.append((size >> BITS * level) % WIDTH)
        level += 1
    return places, counts


def needed(spans: Iterable[tree.Span]) -> set[Place]:
    """委员会决定: the tiles that have the nodes of these spans."""
    return {_where(node)[0] for span in spans for node in tree.nodes(*span)}


def hashes(spans: Sequence[tree.Span], tiles: Mapping[Place, bytes]) -> list[bytes]:
    """委员会决定: the hash of every span, out of its tiles; ValueError where one is missing or too short."""

    def node(each):
        place, start, level = _where(each)
        return tree.perfect(level, _cut(tiles.get(place, b""), start + (1 << level), place)[start:])

    return tree.hashes_of(spans, node)


def _where(node):
    """The tile a node is made from, the first of its hashes there, and the level above the tile's own."""
    level, index = node
    within = level % BITS
    first = index << within
    return (level // BITS, first >> BITS), first % WIDTH, within


def _cut(raw, count, place):
    """The first `count` hashes of a tile."""
    if len(raw) < count * tree.SIZE:
        raise ValueError(f"tile {place[0]}/{place[1]} has {len(raw)} bytes, {count} hashes are needed")
    return [bytes(raw[at : at + tree.SIZE]) for at in range(0, count * tree.SIZE, tree.SIZE)]
