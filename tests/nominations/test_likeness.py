"""Names that are to be looked at twice, and names that are not, by hand."""

from collections import Counter

import pytest

from nominations.likeness import alike, alike_pairs, core

PLACES = ("青岛市", "市南区", "市北区", "崂山区", "黄岛区", "即墨区", "西海岸新区", "胶州市")

ALIKE = [
    ("海晏电子科技有限公司", "海晏电子科技股份有限公司"),
    ("海晏电子科技有限公司", "海晏电子科技有限责任公司"),
    ("海晏电子集团有限公司", "海晏电子有限公司"),
    ("海晏电子集团公司", "海晏电子公司"),
    ("海晏电子控股集团股份有限公司", "海晏电子有限公司"),
    ("海晏电子有限公司", "海晏电子有限公司黄岛分公司"),
    ("青岛海晏电子有限公司", "海晏（青岛）电子有限公司"),
    ("青岛海晏电子有限公司", "海晏青岛电子有限公司"),
    ("青岛市海晏电子有限公司", "海晏电子有限公司"),
    ("山东海晏电子有限公司", "青岛海晏电子有限公司"),
    ("山东省青岛市市南区海晏电子有限公司", "海晏电子有限公司"),
    ("青岛市崂山区海晏电子厂", "即墨海晏电子厂"),
    ("青岛海晏有限公司", "海晏有限公司"),
    ("青岛海晏有限公司", "山东海晏有限公司"),
    ("ＡＢＣ精密制造有限公司", "abc精密制造有限公司"),
    ("海晏 电子　有限公司", "海晏电子有限公司"),
    ("海晏【青岛】电子有限公司", "海晏(青岛)电子有限公司"),
    ("海晏电子科技有限公司", "海晏电子技术有限公司"),
    ("海晏电子科技发展有限公司", "海晏电子有限公司"),
    ("海晏精密电子有限公司", "海宴精密电子有限公司"),
    ("海晏精密电子有限公司", "海晏精密电有限公司"),
    ("海晏精密电子有限公司", "晏海精密电子有限公司"),
    ("海晏精密机械制造有限公司", "海宴精密机诫制造有限公司"),
    ("海晏精密机械制造有限公司", "海晏精密制造机械有限公司"),
    ("砺石精密制造(演示)有限公司", "青岛砺石精密制造有限公司"),
]
APART = [
    ("海晏电子科技有限公司", "海晏物流有限公司"),
    ("海晏电子有限公司", "海晏电力有限公司"),
    ("海尔电器有限公司", "海信电器有限公司"),
    ("青岛啤酒股份有限公司", "崂山啤酒有限公司"),
    ("市南环卫有限公司", "市北环卫有限公司"),
    ("青岛第一建筑工程有限公司", "青岛第二建筑工程有限公司"),
    ("东方精密电子有限公司", "南方精密电子有限公司"),
    ("海晏1号精密电子有限公司", "海晏2号精密电子有限公司"),
    ("青岛海晏有限公司", "青岛海安有限公司"),
    ("云帆精密机械有限公司", "海晏精密机械有限公司"),
    ("青岛港国际股份有限公司", "青岛银行股份有限公司"),
    ("云帆精密机械制造有限公司", "海晏精密机械制造有限公司"),
    ("城市南方建筑有限公司", "城方建筑有限公司"),
    ("有限公司", "集团公司"),
    ("（演示）", "（样例）"),
]


def cores(*names):
    return [core(name, PLACES) for name in names]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_these_are_looked_at_twice(one, other):
    assert alike(*cores(one, other))
    assert alike(*cores(other, one))


@pytest.mark.parametrize(("one", "other"), APART)
def test_these_are_not(one, other):
    assert not alike(*cores(one, other))


def test_the_pairs_found_are_the_pairs_there_are():
    """The blocking loses none: against the plain comparison of each with each, over all names above."""
    names = sorted({name for pair in ALIKE + APART for name in pair})
    found = {name: core(name, PLACES) for name in names}
    trades = Counter(rest[2:] for rest in {each.rest for each in found.values()})

    def near(one, other):
        crowd = max(trades[found[one].rest[2:]], trades[found[other].rest[2:]])
        return alike(found[one], found[other], crowded=crowd > 2)

    plain = {
        frozenset((one, other)) for n, one in enumerate(names) for other in names[n + 1 :] if near(one, other)
    }
    pairs = list(alike_pairs(found))
    assert {frozenset(pair) for pair in pairs} == plain
    assert len(pairs) == len(plain) > len(ALIKE)
    left, right = dict(list(found.items())[::2]), dict(list(found.items())[1::2])
    got = [pair for pair in alike_pairs(left, right) if pair[1] in right]
    assert {frozenset(pair) for pair in got} == {pair for pair in plain if len(pair & set(left)) == 1}


def test_in_a_trade_of_many_the_name_proper_tells_apart():
    names = ("海晏精密电子有限公司", "海宴精密电子有限公司")
    assert len(list(alike_pairs({name: core(name) for name in names}))) == 1
    crowd = (*names, "云帆精密电子有限公司", "青岛海晏精密电子股份有限公司")
    assert [set(pair) for pair in alike_pairs({name: core(name, PLACES) for name in crowd})] == [
        {"海晏精密电子有限公司", "青岛海晏精密电子股份有限公司"}
    ]


def test_names_that_only_count_cost_nothing_and_match_nothing():
    numbered = {n: core(f"演示企业{n}（演示）有限公司") for n in range(2000)}
    assert list(alike_pairs(numbered)) == []
