"""A made-up system of indicators of the demonstration's city, with two years reported by its districts."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.timezone import localdate

from indicators.models import Reporter, System
from indicators.services.guidance import Agreed, plan_guidance, record_guidance, settle_agreement
from indicators.services.loading import add_system
from indicators.services.reporting import Entry, close_round, open_round, report, set_reporters
from portal.models import Membership, Organisation, Role

NAME = "职工创新工作演示指标（虚构）"


def make(*, now: datetime) -> None:
    """Figures are invented; nothing in them is any city's plan."""
    this_year = localdate(now).year
    office = Membership.objects.active().filter(role=Role.OFFICE, organisation__kind="city").first()
    if office is None or System.objects.filter(code="demonstration").exists():
        return
    system = add_system(_system(this_year))
    units = list(Organisation.objects.filter(parent=office.organisation, kind="district", active=True)[:5])
    for indicator in system.indicators.filter(fill=""):
        set_reporters(indicator, units if indicator.summed else units[:1], by=office, now=now)
    for back in (2, 1, 0):
        _year(system, this_year - back, back, office, now)
    _guide(office, now)


def _guide(office, now):
    """Two visits: one made and half done, one to come."""
    shinan, shibei = (Organisation.objects.get(code=code) for code in ("370202", "370203"))
    before = now - timedelta(days=40)
    made = plan_guidance(
        shinan,
        planned_on=localdate(before),
        purpose="了解本级选树和职工创新工作室情况（演示）",
        by=office,
        now=before - timedelta(days=7),
    )
    record_guidance(
        made,
        visited_on=localdate(before),
        people="演示市总办公室两人",
        looked_at="查看了本级选树方案、推荐台账和两个职工创新工作室。（演示）",
        found="个别企业的佐证材料不全。（演示）",
        by=office,
        now=before,
        agreed=[
            Agreed("补齐两家企业的佐证材料（演示）", localdate(before + timedelta(days=20))),
            Agreed("年内开展一次创新成果交流（演示）", localdate(now + timedelta(days=30))),
        ],
    )
    settle_agreement(
        made.agreements.order_by("pk")[0],
        done_on=localdate(before + timedelta(days=15)),
        outcome="已补齐并上传（演示）",
        by=office,
        now=before + timedelta(days=16),
    )
    plan_guidance(
        shibei,
        planned_on=localdate(now + timedelta(days=10)),
        purpose="指导本级评审（演示）",
        by=office,
        now=now,
    )


def _year(system, year, back, office, now):
    # In January the year is younger than the round would be.
    first = now.replace(month=1, day=1)
    began = max(now - timedelta(days=20), first) if not back else now - timedelta(days=300 * back + 20)
    opened = open_round(system, year=year, due_on=localdate(began) + timedelta(days=30), by=office, now=began)
    reporters = list(Reporter.objects.filter(system=system).prefetch_related("indicators"))
    # In the year under way the last two units have not reported yet.
    for place, reporter in enumerate(reporters if back else reporters[:-2]):
        entries = {
            each.pk: Entry(Decimal(_figure(each.number, 2 - back, place)))
            for each in reporter.indicators.filter(fill="")
        }
        own = Membership.objects.at(reporter.organisation_id, Role.RECOMMENDER).first()
        report(opened, reporter, entries, by=own or office, now=min(began + timedelta(days=place + 1), now))
    if back:
        close_round(opened, by=office, now=began + timedelta(days=40))


def _figure(number, step, place):
    """Made up, and the same for everybody who makes the demonstration."""
    return {
        1: 60 + 6 * step + 3 * place,
        2: 4 + step + place % 2,
        3: 30 - 4 * step,
        4: 61 + 2 * step,
    }[number]


def _system(this_year):
    first, middle, last = str(this_year - 3), str(this_year - 1), str(this_year + 1)
    return {
        "code": "demonstration",
        "name": NAME,
        "city": "演示市",
        "host": "city",
        "document": "演示文件",
        "issued": f"{first}年",
        "base_year": this_year - 3,
        "note": "演示数据，指标和数值都是虚构的。",
        "position": 3,
        "indicators": [
            {
                "number": 1,
                "group": "创新环境",
                "name": "职工创新工作室",
                "unit": "个",
                "targets": {first: "300", middle: "360", last: "400"},
            },
            {
                "number": 2,
                "group": "创新环境",
                "name": "新增创新联盟",
                "unit": "个",
                "running": True,
                "targets": {first: "10", middle: "50", last: "90"},
            },
            {
                "number": 3,
                "group": "创新效果",
                "name": "合理化建议平均答复天数",
                "unit": "天",
                "summed": False,
                "targets": {first: "32", middle: "26", last: "18"},
            },
            {
                "number": 4,
                "group": "创新效果",
                "name": "参加岗位练兵的职工比例",
                "unit": "%",
                "kind": "percent",
                "summed": False,
                "targets": {first: "60", middle: "65", last: "70"},
            },
            {
                "number": 5,
                "group": "创新效果",
                "name": "市级全员创新企业",
                "unit": "家",
                "fill": "city_total",
                "category": "qycx",
                "targets": {first: "0", middle: "10", last: "30"},
            },
        ],
    }
