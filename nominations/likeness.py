"""委员会决定: when two names are so alike that a person should look whether they are one enterprise.

What people confuse is the name without its place, its legal form and its brackets. Pure and quick: names
that share no string of themselves less a character or two are never compared (n names, not n² pairs).
"""

# ruff: noqa: RUF001 - brackets and zeros of every kind are the subject of this page

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from nominations.rules import normalise

#: One character may differ in a core of five or more, two in one of eight or more, none in a shorter one.
ONE_FROM, TWO_FROM = 5, 8
#: The first two characters are the name proper, the rest is the trade; a trade that more than two names
#: carry tells nothing, and there the name proper must be the same.
_HEAD, _CROWD = 2, 2
_SHORTEST = 3  # a shorter rest is told apart by its place: 青岛啤酒 is not 崂山啤酒
_PROVINCES = (
    *("北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽"),
    *("福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西"),
    *("甘肃", "青海", "台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门"),
)
_WIDE = re.compile(rf"^(中国|({'|'.join(_PROVINCES)})(省|市|自治区)?)")
_BRACKETS = re.compile(r"[(\[{【〔〈《][^)\]}】〕〉》]*[)\]}】〕〉》]|[“”‘’\"'「」『』·.,、-]")
_BRANCH = re.compile(r"公司.*分公司$")
_FORMS = re.compile(
    r"股份有限公司|有限责任公司|有限公司|股份公司|总公司|公司$|集团|控股|股份$|(普通|有限)?合伙企业"
)
_WEAK = re.compile(r"(科技|技术|实业|发展|产业)$")
#: Characters that tell members of one family apart: 第一 and 第二, 东方 and 南方.
_COUNTING = re.compile(r"[0-9a-z一二三四五六七八九十百零〇甲乙丙丁东南西北]")


@dataclass(frozen=True)
class Core:
    """What is left of a name, the places that were taken off it, and what it counts."""

    rest: str
    places: frozenset[str]
    counts: str


@lru_cache(maxsize=20_000)
def core(name: str, places: tuple[str, ...] = ()) -> Core:
    """委员会决定: a name without brackets, legal form and place; `places` are such as 青岛市, 市南区."""
    rest = _BRACKETS.sub("", normalise(name)).casefold()
    rest = _FORMS.sub("", _BRANCH.sub("公司", rest))
    rest, taken = _without_places(rest, places)
    while (found := _WEAK.search(rest)) and found.start() > _SHORTEST:
        rest = rest[: found.start()]
    return Core(rest, frozenset(taken), "".join(_COUNTING.findall(rest)))


def _without_places(rest: str, places: tuple[str, ...]) -> tuple[str, set[str]]:
    taken: set[str] = set()
    while True:
        shorter = _WIDE.sub("", rest)
        for place in places:
            stem = place[:-1] if len(place) > 2 else place
            # A district stands in front (市南 is also in 城市南方); a city's own name may stand anywhere.
            for word in (place, stem):
                if shorter.startswith(word) or (place.endswith("市") and word in shorter):
                    shorter = shorter.replace(word, "", 1)
                    taken.add(stem)
                    break
        if shorter == rest or not shorter:
            return rest, taken
        rest = shorter


def alike(one: Core, other: Core, *, crowded: bool = False) -> bool:
    """委员会决定: the same core, or a long one with a character or two typed otherwise or put elsewhere.

    Two names proper without a character in common are two enterprises; in a `crowded` trade already one
    other character makes them two.
    """
    if not one.rest or not other.rest:
        return False
    if one.rest == other.rest:
        return len(one.rest) >= _SHORTEST or not (one.places and other.places) or one.places == other.places
    if one.counts and other.counts and one.counts != other.counts:
        return False
    most = _allowed(min(len(one.rest), len(other.rest)))
    if not most:
        return False
    if sorted(one.rest) == sorted(other.rest):
        return True
    head, another = one.rest[:_HEAD], other.rest[:_HEAD]
    if head != another and (crowded or set(head).isdisjoint(another)):
        return False
    return _distance(one.rest, other.rest) <= most


def alike_pairs(
    cores: Mapping[Hashable, Core], among: Mapping[Hashable, Core] | None = None
) -> Iterator[tuple]:
    """委员会决定: every (key, other key) that is `alike`, within `cores` and from `cores` to `among`."""
    index: dict[str, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    for key, each in cores.items():
        for variant in _variants(each.rest):
            index[variant][each.counts].append(key)
    names = {each.rest for group in (cores, among or {}) for each in group.values()}
    trades = Counter(rest[_HEAD:] for rest in names)
    seen = set()
    for key, each, known in _asking(cores, among or {}):
        for variant in _variants(each.rest):
            for other in _counting_the_same(index.get(variant, {}), each.counts):
                pair = (other, key)
                if other == key or pair in seen or (known and (key, other) in seen):
                    continue
                seen.add(pair)
                crowd = max(trades[cores[other].rest[_HEAD:]], trades[each.rest[_HEAD:]])
                if alike(cores[other], each, crowded=crowd > _CROWD):
                    yield pair


def _asking(cores, among):
    grams = {gram for each in cores.values() for gram in _grams(each.rest)}
    for key, each in cores.items():
        yield key, each, True
    for key, each in among.items():
        # What shares no two characters with anybody need not be taken apart.
        if key not in cores and not grams.isdisjoint(_grams(each.rest)):
            yield key, each, False


def _counting_the_same(buckets: Mapping[str, list], counts: str) -> Iterator:
    """Of a bucket what may be alike at all: what counts the same, and what counts nothing."""
    for each in buckets if not counts else ("", counts):
        yield from buckets.get(each, ())


def _grams(rest: str) -> set[str]:
    return {rest, _in_order(rest), *(rest[n : n + 2] for n in range(len(rest) - 1))}


def _in_order(rest: str) -> str:
    return "=" + "".join(sorted(rest))


def _allowed(length: int) -> int:
    return 2 if length >= TWO_FROM else 1 if length >= ONE_FROM else 0


def _variants(rest: str) -> set[str]:
    """The core and what is left of it without a character or two: two that are near share one of these."""
    found = {rest, _in_order(rest)} if rest else set()
    for less in range(1, _allowed(len(rest)) + 1):
        for gone in combinations(range(len(rest)), less):
            kept, start = [], 0
            for place in gone:
                kept.append(rest[start:place])
                start = place + 1
            found.add("".join(kept) + rest[start:])
    return found


def _distance(one: str, other: str) -> int:
    """Characters to change, put in, leave out or swap with the next (optimal string alignment)."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            best = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, above = above, row
    return above[-1]
