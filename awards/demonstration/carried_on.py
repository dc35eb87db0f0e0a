"""After the naming: whom the honours are put forward for, the person for a medal, one of former years."""

from datetime import date, datetime, timedelta

from awards.demonstration.course import Course
from awards.demonstration.enterprises import credit_code
from awards.models import Honour, Promotion
from awards.services import former, medal_people, promoting


def carry_on(course: Course, honours: list[Honour], at: datetime) -> None:
    by = course.office
    for to, honour in ((Promotion.To.PROVINCE, honours[0]), (Promotion.To.MODEL_WORKER, honours[1])):
        promoting.promote(
            honour,
            to=to,
            criteria=[(name, True, "") for name in promoting.CRITERIA[to]],
            reason="（演示）在命名企业中创新成效突出",
            minute=course.edition.minute,
            by=by,
            now=at,
        )
    medal_people.set_medal_person(
        honours[0],
        sex="男",
        born=date(1975, 5, 1),
        id_number="11010119750501001X",
        phone="0532-00000000",
        politics="（演示）",
        education="（演示）本科",
        deeds="（演示）组织职工开展“五小”创新。",
        consent_on=(at - timedelta(days=1)).date(),
        by=by,
        now=at,
    )
    former.enter_former(
        credit_code=credit_code(9901, "370203"),
        name="青岛演示往年制造有限公司（演示）",
        division_name="市北区",
        level=Honour.Level.CITY,
        year=2021,
        title="2021年度青岛市全员创新企业（演示）",
        number="演示-2021-01",
        decision="演示工发2021-9号",
        named_on=date(2021, 12, 20),
        by=by,
        now=at,
    )
