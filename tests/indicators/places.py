"""A system of indicators under way, for the matrix of addresses."""

from datetime import timedelta

from indicators.models import Agreement, Asked, Guidance, Reporter, Round
from indicators.services.loading import add_system


def indicator_places(number, office, unit, now) -> dict:
    """Of the office's organisation, with one unit that reports one indicator."""
    system = add_system(
        {
            "code": f"place-{number}",
            "name": f"演示指标 {number}",
            "city": "演示市",
            "host": office.organisation.code,
            "document": "演示文件",
            "base_year": 2024,
            "indicators": [
                {"number": 1, "name": "工作室", "unit": "个", "targets": {"2024": "1", "2026": "9"}}
            ],
        }
    )
    indicator = system.indicators.get()
    reporter = Reporter.objects.create(system=system, organisation=unit)
    reporter.indicators.add(indicator)
    opened = Round.objects.create(
        system=system,
        year=2026,
        due_on=(now + timedelta(days=30)).date(),
        opened_at=now,
        opened_by=office,
    )
    Asked.objects.create(round=opened, indicator=indicator, organisation=unit)
    visit = Guidance.objects.create(
        host=office.organisation, unit=unit, planned_on=now.date(), purpose="演示"
    )
    agreement = Agreement.objects.create(guidance=visit, matter="演示事项", due_on=now.date())
    return {"unit": unit, "guidance": visit, "agreement": agreement} | {
        "system": system,
        "indicator": indicator,
        "reporter": reporter,
        "reporting": opened,
    }
