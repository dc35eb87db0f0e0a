"""The city's two editions: last year's, concluded, and this year's, in the public vote."""

from datetime import timedelta

from awards.demonstration import contest, exhibits, finish, folders, intake, purses, signals
from awards.demonstration.accounts import give_account
from awards.demonstration.carried_on import carry_on
from awards.demonstration.course import (
    Course,
    Problem,
    Stage,
    attach,
    close_recommendation,
    declare,
    recommend,
    screen,
    set_up,
)
from awards.demonstration.dates import moment
from awards.demonstration.enterprises import Company, Registry
from nominations.states import State, StepKind
from voting.models import Poll
from voting.services.destroying import destroy_secret

DISTRICTS = (
    ("370202", "市南区"),
    ("370203", "市北区"),
    ("370211", "黄岛区"),
    ("370212", "崂山区"),
    ("370213", "李沧区"),
    ("370214", "城阳区"),
    ("370215", "即墨区"),
    ("370281", "胶州市"),
    ("370283", "平度市"),
    ("370285", "莱西市"),
)
#: Recommenders without a division of their own: where their enterprises are registered, and their nature.
OTHERS = {
    "direct-demo": (("370202", "市南区"), "国有"),
    "central-demo": (("370212", "崂山区"), "驻青央企所属二级单位"),
}
QUOTAS = {code: 3 for code, _name in DISTRICTS} | dict.fromkeys(OTHERS, 3)

LAST_YEAR_PROBLEMS = (
    Problem(4, "dept-yjj", "accident", "申报期内发生一起较大生产安全事故，正在调查处理（演示）"),
    Problem(11, "dept-scj", "abnormal", "因未按期报送年度报告被列入经营异常名录，至今未移出（演示）"),
    Problem(19, "dept-hjj", "environment", "上一年度因废水超标排放受到行政处罚，整改未验收（演示）"),
    Problem(26, "dept-kjj", "misconduct", "财政科研项目验收材料与实际不符，被记入失信记录（演示）"),
)
THIS_YEAR_PROBLEMS = (
    Problem(7, "dept-scj", "abnormal", "登记的住所无法联系，被列入经营异常名录（演示）"),
    Problem(15, "dept-fgw", "prohibited", "一条产线属于限期淘汰工艺，改造尚未完成（演示）"),
)

#: Of last year's, by their places: who hands in pictures that can be shown. Two of them are named.
PICTURED = (0, 2, 27)

Entry = tuple[Company, str]


def entries(registry: Registry, shape: tuple[int, ...], others: dict[str, int]) -> list[Entry]:
    """New companies: how many from each district, in their order, and how many from the others."""
    found = [
        (registry.take(division), division[0])
        for division, number in zip(DISTRICTS, shape, strict=True)
        for _each in range(number)
    ]
    for code, number in others.items():
        division, nature = OTHERS[code]
        found += [(registry.take(division, nature=nature), code) for _each in range(number)]
    return found


def last_year(stage: Stage, registry: Registry) -> list[Entry]:
    """From founding to the ledger. Returns those that may try again: neither refused for cause nor named."""
    year, on = stage.days.today.year - 1, stage.days.on
    dates = {
        StepKind.RECOMMENDATION: (on(year, 4, 7), on(year, 5, 15, 18)),
        StepKind.SCREENING: (on(year, 5, 18), on(year, 6, 5, 18)),
        StepKind.REVIEW: (on(year, 6, 8), on(year, 7, 1, 18)),
        StepKind.INSPECTION: (on(year, 7, 17), on(year, 8, 5, 18)),
        StepKind.PUBLICITY: (on(year, 8, 17), on(year, 8, 31, 18)),
    }
    course = set_up(
        stage,
        "city",
        at=on(year, 4, 1),
        year=year,
        dates=dates,
        quotas=QUOTAS,
        seats=10,
        nominees=20,
        min_picks=5,
        max_picks=10,
    )
    people = entries(registry, (3, 3, 3, 3, 2, 3, 2, 3, 2, 3), {"direct-demo": 2, "central-demo": 3})
    made = declare(course, people, start=on(year, 4, 8), end=on(year, 5, 8, 17))
    attach(course, made[:3], now=on(year, 5, 9))
    exhibits.photograph([made[number] for number in PICTURED], course, on(year, 5, 9, 15))
    recommend(course, made, start=on(year, 5, 11), end=on(year, 5, 14, 17))
    close_recommendation(course, on(year, 5, 16, 10))
    screen(
        course,
        asked=on(year, 5, 18),
        due=on(year, 6, 3, 17),
        problems=LAST_YEAR_PROBLEMS,
        closed=on(year, 6, 8, 15),
    )
    contest.review(
        course,
        seated=on(year, 6, 9),
        due=on(year, 6, 29, 17),
        panel=5,
        recusals=((0, 3), (2, 9), (3, 3)),
        closed=on(year, 7, 1, 16),
    )
    _last_vote(course, year)
    _last_end(course, year)
    left = course.edition.nominations.at(State.REJECTED).filter(
        review_row__isnull=False, inspection__isnull=True
    )
    return [(course.companies[each.pk], each.recommender.code) for each in left.select_related("recommender")]


def _last_vote(course: Course, year: int) -> None:
    on = course.days.on
    opens = on(year, 7, 8, 8)
    poll = contest.vote(
        course,
        set_up=on(year, 7, 3),
        opened=on(year, 7, 6, 15),
        opens=opens,
        closes=opens + timedelta(days=7),
        ballots=560,
        closes_itself=False,
        burst=(opens + timedelta(days=2, hours=19), 45),
    )
    contest.look_through(
        poll,
        by=course.office,
        second=course.stage.people.by_name["office2"],
        found=opens + timedelta(days=5, hours=2),
        settled=opens + timedelta(days=7, hours=2),
    )
    contest.count(poll, by=course.office, at=opens + timedelta(days=7, hours=6))


def _last_end(course: Course, year: int) -> None:
    on, calendar = course.days.on, course.days.calendar
    finish.draw(course, on(year, 7, 16, 9, 30))
    days = [on(year, 7, 20).date()]
    while len(days) < 6:
        days.append(calendar.add(days[-1], 1))
    visits = finish.plan(course, on(year, 7, 17), days)
    for number, visit in enumerate(visits):
        problem = "申报职工人数与社保缴纳人数相差较大，创新工作室已停用半年（演示）" if number == 7 else ""
        finish.visit(course, visit, problem=problem, photos=2 if number < 3 or problem else 0)
    finish.close_inspection(course, on(year, 8, 5, 16))
    published = on(year, 8, 18)
    notice = finish.publish(course, published)
    day = [moment(calendar.add(published.date(), n), 14) for n in range(1, 5)]
    lodged = finish.object_to(notice, day[0])
    finish.dismiss(course, lodged.objection, day[1], day[3])
    named = moment(calendar.add(notice.ends_on, 1), 10)
    honours = finish.name(course, notice, named)
    # The thirty days in which voters may ask by number were over in the middle of August.
    destroy_secret(Poll.objects.get(edition=course.edition), by=course.office, now=on(year, 9, 14, 15))
    carry_on(course, honours, on(year, 9, 15, 9))
    purses.pay(course, honours, on(year, 9, 15, 10))
    winner = give_account(honours[0].enterprise, "winner", parent=course.office.organisation, now=named)
    first, second = honours[0].grant, honours[1].grant
    agreed = purses.plan(first, by=winner, at=on(year, 9, 17, 10))
    purses.agree(agreed, by=course.office, at=on(year, 9, 19, 15))
    purses.plan(second, by=course.stage.people.by_name["office2"], at=course.days.back(3, 10))
    purses.spend(first, by=winner, start=on(year, 10, 9, 10))
    purses.report(course, honours, winner)
    exhibits.show(course, honours, winner, on(year, 9, 22, 10), on(year, 9, 24, 15))
    exhibits.wait(course, honours, course.days.back(1, 16))


def this_year(stage: Stage, registry: Registry, again: list[Entry]) -> Course:
    """Everything up to the vote is closed; the poll opened two days ago and has five to go."""
    back, today = stage.days.back, stage.days.today
    opens = moment(today - timedelta(days=2), 8)
    closes = moment(today + timedelta(days=5), 20)
    dates = {
        StepKind.RECOMMENDATION: (back(60), back(42, 18)),
        StepKind.SCREENING: (back(41), back(28, 18)),
        StepKind.REVIEW: (back(26), back(8, 18)),
    }
    course = set_up(
        stage,
        "city",
        at=back(62),
        year=today.year,
        dates=dates,
        quotas=QUOTAS,
        seats=10,
        nominees=20,
        min_picks=5,
        max_picks=10,
        evidence_required=folders.REQUIRED[:2],
    )
    fresh = entries(registry, (2,) * 10, {"direct-demo": 0, "central-demo": 1})
    once_more = list({code: (company, code) for company, code in again}.values())[:4]
    made = declare(course, once_more + fresh, start=back(59), end=back(46, 17))
    attach(course, made[:2], now=back(45))
    intake.regrant(course, "370215", 4, now=back(45, 9, 30))
    recommend(course, made, start=back(45, 10), end=back(42, 17))
    close_recommendation(course, back(41, 10))
    screen(course, asked=back(40), due=back(30, 17), problems=THIS_YEAR_PROBLEMS, closed=back(28, 16))
    contest.review(course, seated=back(26), due=back(9, 17), panel=5, recusals=((1, 5),), closed=back(8, 16))
    poll = contest.vote(
        course,
        set_up=back(6),
        opened=back(4, 16),
        opens=opens,
        closes=closes,
        ballots=780,
        burst=(opens + timedelta(hours=19), 24),
        lately=140,
        area="青岛市",
    )
    signals.watch(poll, now=stage.days.now)
    contest.report(poll, by=course.office, at=stage.days.now)
    return course
