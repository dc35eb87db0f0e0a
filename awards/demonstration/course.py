"""An edition of the demonstration from its founding to the end of the joint check."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from django.utils import timezone

from awards.demonstration import folders
from awards.demonstration.accounts import People
from awards.demonstration.dates import Days
from awards.demonstration.enterprises import Company
from nominations.models import Category, Edition, Evidence, Nomination
from nominations.services import conclusion, declaring, editions, recommending
from nominations.services.quotas import set_quota
from portal.models import Membership, Organisation, Role
from review.services import answer, answer_rest_clear, close_screening, consult, default_questions

OPINIONS = (
    "经审核，该企业创新机制健全、职工参与面广，同意推荐。",
    "材料属实，已在本单位公示，无异议，同意推荐。",
    "创新成效较好，在本区具有示范作用，予以推荐。",
)


@dataclass
class Stage:
    """What every edition of the demonstration is made with."""

    people: People
    days: Days
    random: Random


@dataclass
class Course:
    """One edition under way, and which company stands behind each nomination."""

    stage: Stage
    edition: Edition
    office: Membership
    companies: dict[int, Company] = field(default_factory=dict)

    def hat(self, role: str, code: str) -> Membership:
        return self.stage.people.hat(role, code)

    @property
    def random(self) -> Random:
        return self.stage.random

    @property
    def days(self) -> Days:
        return self.stage.days

    def at(self, state: str) -> list[Nomination]:
        return list(self.edition.nominations.at(state).select_related("enterprise").order_by("pk"))


def set_up(
    stage: Stage, host: str, *, at: datetime, year: int, dates: dict, quotas: dict[str, int], **decided
) -> Course:
    """Found, give quotas and publish an edition of a host (by its code), as its own office does."""
    office = stage.people.hat(Role.OFFICE, host)
    place = office.organisation
    edition = editions.create_edition(
        by=office,
        now=at,
        host=place,
        category=Category.objects.get(code="qycx"),
        year=year,
        title=f"{year}年度{place.division_name}全员创新企业（演示）",
        dates=dates,
        minute=f"演示纪要〔{year}〕1号",  # noqa: RUF001
        contact_address=f"{place.division_name}演示路1号",
        contact_phone="0532-00000000",
        contact_mail="demo@example.invalid",
        **decided,
    )
    for code, number in quotas.items():
        organisation = Organisation.objects.get(code=code)
        set_quota(edition, organisation, number, by=office, now=at, reason="委员会分配")
    editions.publish_edition(edition, by=office, now=at)
    edition.refresh_from_db()
    return Course(stage, edition, office)


def declare(
    course: Course,
    entries: list[tuple[Company, str]],
    *,
    start: datetime,
    end: datetime,
    submit: bool = True,
) -> list[Nomination]:
    """Each company drafted by the recommender of the code beside it and, unless told not to, handed in.

    What the edition requires is attached; a draft that stays one has the first of it alone.
    """
    made = []
    for (company, code), now in zip(entries, course.days.spread(start, end, len(entries)), strict=True):
        by = course.hat(Role.RECOMMENDER, code)
        nomination = declaring.create_nomination(
            course.edition,
            by=by,
            now=now,
            credit_code=company.credit_code,
            name=company.name,
            **company.declared,
        )
        course.companies[nomination.pk] = company
        required = course.edition.evidence_required
        folders.hand_over(nomination, required if submit else required[:1], by=by, now=now)
        if submit:
            nomination = declaring.submit(nomination, by=by, now=now)
        made.append(nomination)
    return made


def attach(
    course: Course, nominations: list[Nomination], *, by: Membership | None = None, now: datetime
) -> None:
    """Pictures, and the licence where the edition does not require it, while the folder is still open."""
    for nomination in nominations:
        hat = by or course.hat(Role.RECOMMENDER, nomination.recommender.code)
        if not course.edition.evidence_required:
            folders.hand_over(nomination, [Evidence.Kind.LICENCE], by=hat, now=now)
        folders.show(nomination, course.random, by=hat, now=now)


def recommend(course: Course, nominations: list[Nomination], *, start: datetime, end: datetime) -> None:
    """Each recommender recommends its own, together, in the order of its ranking."""
    groups = defaultdict(list)
    for nomination in nominations:
        groups[nomination.recommender.code].append(nomination)
    moments = course.days.spread(start, end, len(groups))
    for (code, group), now in zip(groups.items(), moments, strict=True):
        recommending.recommend(
            group,
            by=course.hat(Role.RECOMMENDER, code),
            now=now,
            opinion=course.random.choice(OPINIONS),
        )


def close_recommendation(course: Course, at: datetime) -> None:
    conclusion.close_recommendation(course.edition, by=course.office, now=at)


@dataclass(frozen=True)
class Problem:
    """What a department says of one of the nominations, by its place in the list, other than 无异议.

    `since`: how many working days before the question it began; 0 where that is not known.
    """

    place: int
    department: str
    item: str
    explanation: str
    answer: str = "problem"
    since: int = 0


def screen(
    course: Course,
    *,
    asked: datetime,
    due: datetime,
    problems: tuple[Problem, ...] = (),
    silent: tuple[str, ...] = (),
    closed: datetime | None = None,
) -> None:
    """The joint check: everybody asked answers by `due` but the `silent`; closed where `closed` says when."""
    consultations = consult(
        course.edition, default_questions(), by=course.office, now=asked, due_on=timezone.localdate(due)
    )
    speaking = [each for each in consultations if each.department.code not in silent]
    nominations = list(course.edition.nominations.at("screening").order_by("pk"))
    moments = course.days.spread(asked, min(due, course.days.back(1, 17)), len(speaking))
    for consultation, now in zip(speaking, moments, strict=True):
        by = course.hat(Role.DEPARTMENT, consultation.department.code)
        for problem in problems:
            if (problem.department, problem.item) == (by.organisation.code, consultation.item):
                answer(
                    nominations[problem.place],
                    consultation,
                    by=by,
                    now=now,
                    answer=problem.answer,
                    explanation=problem.explanation,
                    since=course.days.back(problem.since).date() if problem.since else None,
                )
        answer_rest_clear(course.edition, by.organisation, by=by, now=now)
    if closed:
        close_screening(course.edition, by=course.office, now=closed)
