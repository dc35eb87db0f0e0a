"""A small system of the city for tests: two counts, a running one, a percentage, one the portal fills."""

from datetime import date

from indicators.models import Reporter
from indicators.services import reporting
from indicators.services.loading import add_system
from tests import factories as make
from tests.moments import NOW

NORTH, SOUTH = "市北区", "市南区"


def system():
    make.city()
    return add_system(
        {
            "code": "small",
            "name": "演示指标",
            "city": "演示市",
            "host": "city",
            "document": "演示文件",
            "base_year": 2024,
            "indicators": [
                {
                    "number": 1,
                    "group": "甲",
                    "name": "工作室",
                    "unit": "个",
                    "targets": {"2024": "10", "2026": "30"},
                },
                {
                    "number": 2,
                    "group": "甲",
                    "name": "新增联盟",
                    "unit": "个",
                    "running": True,
                    "targets": {"2024": "5", "2026": "25"},
                },
                {
                    "number": 4,
                    "group": "乙",
                    "name": "参与比例",
                    "unit": "%",
                    "kind": "percent",
                    "summed": False,
                    "targets": {"2024": "60", "2026": "70"},
                },
                {
                    "number": 5,
                    "group": "乙",
                    "name": "市级命名",
                    "unit": "家",
                    "fill": "city_total",
                    "targets": {"2024": "0", "2026": "4"},
                },
            ],
        }
    )


def office():
    return make.hat("office")


def unit(name=SOUTH):
    return make.hat("recommender", name)


def reporters(system, *names):
    """Who reports: counts by both districts, the percentage by the first."""
    names = names or (SOUTH, NORTH)
    units = [make.organisation(name) for name in names]
    for indicator in system.indicators.filter(fill=""):
        asked = units if indicator.summed else units[:1]
        reporting.set_reporters(indicator, asked, by=office(), now=NOW)
    return {name: Reporter.objects.get(organisation__division_name=name, system=system) for name in names}


def opened(system, year=2026, due_on=date(2026, 7, 1), now=NOW):
    return reporting.open_round(system, year=year, due_on=due_on, by=office(), now=now)
