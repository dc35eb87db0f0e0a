"""The systems that come with the portal, cell by cell, against tables copied out by hand from the sources."""

from decimal import Decimal

import pytest

from indicators.models import Indicator, System
from indicators.services.loading import lay
from portal.ground import lay as lay_ground
from tests.moments import NOW

pytestmark = pytest.mark.django_db

#: 济南市提升产业工人创新力指标体系, as printed: 一级指标, 二级指标 with unit, 2021年, 2023年, 2025年.
JINAN = """
创新环境|1. 技能人才（万人）|134|142|150
创新环境|2. 技能人才（劳模）师徒结对（对）|5000|7000|9000
创新环境|3. 劳模和工匠人才创新工作室（个）|1249|1750|2250
创新环境|4. 市级劳模和工匠人才创新工作室（个）|70|90|110
创新环境|5. 新增齐鲁技能大师特色工作站（个）|2|4|6
创新环境|6. 新增省级新旧动能转换公共实训基地（个）|6|12|18
创新环境|7. 职工创新创效管理平台入驻高新技术企业、科研院所及高等院校等优质资源（个）|16|100|200
创新环境|8. 市级全员创新企业（个）|28|48|68
素质提升|9. 开展补贴性职业技能培训（万人次）|15|36|60
素质提升|10. 新增参加企业新型学徒培训（万人次）|0.4|0.8|1.2
素质提升|11. 参加“求学圆梦”职工（万人）|0.6|1.2|1.8
素质提升|12. 全市劳动和技能竞赛参与职工（万人次）|100|300|500
素质提升|14. 各级工匠人才（人）|3200|4000|5000
素质提升|15. 新增济南工匠（人）|30|90|150
创新创效|16. 新增泉城首席技师（人）|50|100|150
创新创效|17. 劳模和工匠人才创新工作室创新成果（项）|2410|4400|6400
创新创效|18. 新增市级优秀职工创新成果（项）|30|90|150
创新创效|19. 职工创新创效竞赛（场次）|663|2000|3000
创新创效|20. 职工创新创效竞赛参赛企业（家）|3629|4000|4400
创新创效|21. 每万人高价值专利拥有量（件）|12.7|13.5|14.5
产教融合|22. 高水平职业院校专业（群）（个）|8|15|20
产教融合|23. 职业院校“双师型”教师占专任专业教师比例（%）|60%|65%|70%
"""


@pytest.fixture(autouse=True)
def ground():
    lay_ground(NOW)


def test_jinan_as_printed():
    system = System.objects.get(code="jinan-2022")
    printed = [line.split("|") for line in JINAN.strip().splitlines()]
    found = [
        [
            each.group,
            f"{each.number}. {each.name}（{each.unit}）",
            *(
                f"{mark.value.normalize():f}" + ("%" if each.kind == Indicator.Kind.PERCENT else "")
                for mark in each.targets.all()
            ),
        ]
        for each in system.indicators.all()
    ]
    assert found == printed
    assert len(found) == 22 and 13 not in system.indicators.values_list("number", flat=True)
    for each in system.indicators.all():
        marks = [(mark.year, mark.base) for mark in each.targets.all()]
        assert marks == [(2021, True), (2023, False), (2025, False)], each


def test_jinan_is_there_to_compare_with():
    system = System.objects.get(code="jinan-2022")
    assert system.host is None and system.base_year == 2021
    assert "不是青岛的指标" in system.note and "没有 13" in system.note
    filled = system.indicators.exclude(fill="")
    assert [(each.number, each.fill) for each in filled] == [(8, "city_total")]


def test_qingdao_by_s1():
    system = System.objects.get(code="qingdao-2020")
    assert system.host.code == "city"
    rows = [
        (each.number, each.fill, each.each_unit, [(mark.year, mark.value) for mark in each.targets.all()])
        for each in system.indicators.all()
    ]
    assert rows == [
        (1, "city_year", False, [(None, Decimal(10))]),  # S1 二: ten a year
        (2, "all_year", False, [(None, Decimal(100))]),  # S1 二: a hundred and more in all
        (3, "district_year", True, [(None, Decimal(10))]),  # S1 五.1: each district at least ten
    ]


def test_laying_again_touches_nothing():
    System.objects.filter(code="qingdao-2020").update(note="改过的说明")
    assert lay() == {"indicator_systems": 0}
    assert System.objects.get(code="qingdao-2020").note == "改过的说明"
