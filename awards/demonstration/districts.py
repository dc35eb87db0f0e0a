"""Editions of district unions, each standing at another step, so that everybody has something to do."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from awards.demonstration import contest, criteria, finish, folders, intake, panels
from awards.demonstration.accounts import give_account
from awards.demonstration.city import DISTRICTS
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
from awards.models import Honour
from awards.services import former
from nominations.models import Enterprise
from nominations.services.declaring import create_nomination, submit
from nominations.services.returning import send_back
from nominations.states import StepKind
from portal.models import Role

DIVISION = {code: (code, name) for code, name in DISTRICTS}
#: Who has not answered yet in the joint check that is half answered.
SILENT = ("dept-kjj", "dept-yjj", "dept-hjj", "dept-gzw", "dept-jyj")


@dataclass(frozen=True)
class Pace:
    """How many working days ago each part of a district's edition ended; the first is its founding."""

    founded: int
    recommended: int
    screened: int = 0
    reviewed: int = 0
    counted: int = 0


def _found(stage: Stage, host: str, pace: Pace, **decided) -> Course:
    back, ahead = stage.days.back, stage.days.ahead
    ends = (pace.recommended, pace.screened, pace.reviewed)
    kinds = (StepKind.RECOMMENDATION, StepKind.SCREENING, StepKind.REVIEW)
    starts, dates = (pace.founded - 1, *ends), {}
    for kind, start, end in zip(kinds, starts, ends, strict=False):
        closes = back(end, 18) if end else moment(ahead(5), 18)
        dates[kind] = (back(start), closes)
        if not end:
            break
    quota = decided.pop("quota", 10)
    rules = {"seats": 3, "nominees": 5, "min_picks": 1, "max_picks": 3, "min_sheets": 3}
    rules |= {"evidence_required": folders.REQUIRED} | decided
    return set_up(
        stage,
        host,
        at=back(pace.founded),
        year=stage.days.today.year,
        dates=dates,
        quotas={host: quota},
        **rules,
    )


def _until_screening(
    stage: Stage, registry: Registry, host: str, pace: Pace, count: int, **decided
) -> Course:
    back = stage.days.back
    course = _found(stage, host, pace, **decided)
    people = [(registry.take(DIVISION[host]), host) for _each in range(count)]
    made = declare(course, people, start=back(pace.founded - 1), end=back(pace.recommended + 2, 17))
    attach(course, made[:1], now=back(pace.recommended + 2, 17))
    recommend(course, made, start=back(pace.recommended + 1), end=back(pace.recommended, 16))
    close_recommendation(course, back(pace.recommended, 18, 30))
    return course


def _until_review(stage: Stage, registry: Registry, host: str, pace: Pace, count: int, **decided) -> Course:
    back = stage.days.back
    course = _until_screening(stage, registry, host, pace, count, **decided)
    screen(
        course,
        asked=back(pace.recommended - 1),
        due=back(pace.screened + 1, 17),
        closed=back(pace.screened, 16),
    )
    return course


def _until_count(stage: Stage, registry: Registry, host: str, pace: Pace, count: int, ballots: int) -> Course:
    back = stage.days.back
    course = _until_review(stage, registry, host, pace, count)
    contest.review(
        course,
        seated=back(pace.screened - 1),
        due=back(pace.reviewed + 1, 17),
        panel=3,
        closed=back(pace.reviewed, 16),
    )
    poll = contest.vote(
        course,
        set_up=back(pace.reviewed - 1),
        opened=back(pace.reviewed - 1, 16),
        opens=back(pace.reviewed - 2, 8),
        closes=back(pace.counted, 8),
        ballots=ballots,
    )
    contest.count(poll, by=course.office, at=back(pace.counted, 10))
    return course


def recommending(stage: Stage, registry: Registry) -> Course:
    """市南区: one returned to the enterprise, due tomorrow; others drafted, handed in, recommended."""
    back, host = stage.days.back, "370202"
    course = _found(stage, host, Pace(founded=12, recommended=0))
    recommender = course.hat(Role.RECOMMENDER, host)
    _returned(course, registry.take(DIVISION[host]), recommender)
    new = [(registry.take(DIVISION[host]), host) for _each in range(7)]
    new[6] = (intake.near_same(new[6][0], new[4][0]), host)
    done = declare(course, new[:2], start=back(9), end=back(7, 17))
    recommend(course, done, start=back(5), end=back(5, 16))
    waiting = declare(course, new[2:5], start=back(4), end=back(2, 17))
    attach(course, waiting[:2], now=back(2, 17))
    intake.mend(course, waiting[1])
    declare(course, new[5:], start=back(2), end=back(1, 17), submit=False)
    intake.regrant(course, host, 12, now=back(3, 11))
    return course


def _returned(course: Course, company: Company, recommender) -> None:
    """The enterprise with an account of its own: it declared, and was asked to mend by tomorrow."""
    days = course.days
    enterprise = Enterprise.objects.create(
        credit_code=company.credit_code, name=company.name, division_name=company.declared["division_name"]
    )
    place = recommender.organisation
    applicant = give_account(enterprise, "applicant", parent=place, now=days.back(11))
    nomination = create_nomination(
        course.edition,
        by=applicant,
        now=days.back(8, 10),
        credit_code=company.credit_code,
        name=company.name,
        recommender=place,
        **company.declared,
    )
    course.companies[nomination.pk] = company
    folders.hand_over(nomination, folders.REQUIRED, by=applicant, now=days.back(8, 10, 10))
    attach(course, [nomination], by=applicant, now=days.back(8, 10, 20))
    nomination = submit(nomination, by=applicant, now=days.back(7, 14))
    send_back(
        nomination,
        by=recommender,
        now=days.back(1, 15),
        reason="职工合理化建议的采纳数量与所附台账不一致，请核对后修改主要事迹，并补充职代会记录。",
        codes=["mismatch", "incomplete"],
        notes=intake.NOTES,
        deadline=days.today + timedelta(days=1),
    )


def screening(stage: Stage, registry: Registry) -> Course:
    """市北区: half of the departments have answered, in every way there is; one 有问题 is disputed."""
    pace = Pace(founded=26, recommended=12)
    course = _until_screening(stage, registry, "370203", pace, 7)
    screen(
        course,
        asked=stage.days.back(10),
        due=moment(stage.days.ahead(3), 17),
        problems=(
            Problem(2, "dept-scj", "abnormal", "年度报告隐瞒真实情况，被列入经营异常名录（演示）", since=40),
            Problem(4, "dept-scj", "abnormal", "曾因住所无法联系被列入经营异常名录（演示）", since=90),
            Problem(
                5, "dept-fgw", "prohibited", "未查到这家企业的备案，产线情况待查（演示）", answer="unable"
            ),
        ),
        silent=SILENT,
    )
    intake.prove(course, 2, "dept-scj")
    intake.doubt(course, intake.prove(course, 4, "dept-scj"))
    intake.lend(course, "dept-hjj")
    return course


def reviewing(stage: Stage, registry: Registry) -> Course:
    """崂山区: five experts drawn by lot, four to each, half the sheets handed in, one recusal topped up."""
    pace = Pace(founded=45, recommended=32, screened=16)
    course = _until_review(stage, registry, "370212", pace, 7, **criteria.DECIDED)
    panels.keep_register(course, stage.days.back(12))
    contest.review(
        course,
        seated=stage.days.back(11),
        due=stage.days.back(1, 17),
        panel=5,
        recusals=((1, 2),),
        leave={0: 4, 1: 2, 3: 3, 4: 5},
        drawn=4,
    )
    return course


def inspecting(stage: Stage, registry: Registry) -> Course:
    """城阳区: one visit recorded yesterday, the others this week."""
    back, ahead = stage.days.back, stage.days.ahead
    pace = Pace(founded=64, recommended=50, screened=36, reviewed=18, counted=6)
    course = _until_count(stage, registry, "370214", pace, 6, 130)
    finish.draw(course, back(5))
    today = stage.days.today
    first = today if stage.days.calendar.is_workday(today) else ahead(1)
    days = [back(1).date(), first, ahead(2), ahead(3)]
    visits = finish.plan(course, back(4), days, undeclared=1)
    finish.visit(course, visits[0], photos=2)
    return course


def publicity(stage: Stage, registry: Registry) -> Course:
    """李沧区: the notice is out, its period runs, an objection waits for the office."""
    back = stage.days.back
    pace = Pace(founded=72, recommended=58, screened=44, reviewed=26, counted=14)
    course = _until_count(stage, registry, "370213", pace, 6, 150)
    finish.draw(course, back(13))
    visits = finish.plan(course, back(12), [back(n).date() for n in (9, 8, 7, 6)])
    for number, visit in enumerate(visits):
        finish.visit(course, visit, photos=1 if number == 0 else 0)
    finish.close_inspection(course, back(4, 16))
    notice = finish.publish(course, back(2, 10))
    finish.object_to(notice, back(1, 14))
    looked_into = finish.object_to(notice, back(1, 15), last=False)
    finish.look_into(course, looked_into.objection, back(1, 16))
    return course


def naming(stage: Stage, registry: Registry) -> Course:
    """即墨区: this year's is done, without 公众投票 and 差额考察; the panel's scores alone made the order."""
    back, host = stage.days.back, "370215"
    pace = Pace(founded=84, recommended=70, screened=56, reviewed=42)
    course = _until_review(
        stage,
        registry,
        host,
        pace,
        12,
        quota=12,
        seats=10,
        off=(StepKind.VOTING, StepKind.INSPECTION),
        expert_weight=Decimal(100),
        vote_weight=Decimal(0),
    )
    contest.review(
        course,
        seated=back(pace.screened - 1),
        due=back(pace.reviewed + 1, 17),
        panel=3,
        closed=back(pace.reviewed, 16),
    )
    finish.draw(course, back(40))
    notice = finish.publish(course, back(38, 10))
    finish.name(course, notice, back(30, 10), medals=False)
    return course


def before(stage: Stage) -> None:
    """Three of the city's winners of last year had been named by their district two years earlier."""
    year = stage.days.today.year - 3
    winners = Honour.objects.filter(level=Honour.Level.CITY, nomination__recommender__kind="district")
    for number, honour in enumerate(winners.select_related("enterprise", "host").order_by("number")[:3], 1):
        union = honour.nomination.recommender
        former.enter_former(
            credit_code=honour.enterprise.credit_code,
            name=honour.enterprise.name,
            division_name=union.division_name,
            level=Honour.Level.DISTRICT,
            year=year,
            title=f"{year}年度{union.division_name}全员创新企业（演示）",
            number=f"演示-{union.division_name}-{year}-{number:02d}",
            decision=f"演示{union.division_name}工发{year}-3号",
            named_on=date(year, 11, 20),
            by=stage.people.hat(Role.OFFICE, union.code),
            now=stage.days.back(20, 15),
        )
