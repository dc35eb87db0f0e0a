"""The end of an edition: shortlist, visits, publicity, naming, and the money after it."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from awards.demonstration import papers
from awards.demonstration.course import Course
from awards.demonstration.dates import moment
from awards.models import Honour, Inspection, Notice, Shortlist
from awards.services import (
    closing_inspection,
    handling,
    hearing,
    inspecting,
    letters,
    lodging,
    looks,
    naming,
    publishing,
    roster,
    shortlisting,
    teaming,
    teams,
    visiting,
)
from awards.services.inspector_conflicts import declare_all
from awards.services.photos import add_photos
from nominations.services.conclusion import conclude
from portal.models import Membership
from review.services.expiry import EXCLUSIONS

MEDALS = (("head", "董事长"), ("head", "总经理"), ("deputy", "分管技术副总经理"))


def draw(course: Course, at: datetime) -> Shortlist:
    asked = shortlisting.ask_shortlist(course.edition, by=course.office, now=at)
    return shortlisting.draw_shortlist(asked.pk, now=at)


def plan(course: Course, at: datetime, days: list[date], *, undeclared: int = 0) -> list[Inspection]:
    """A visit for each on the list, a day each in turn, by one team; on the last ones nobody has declared."""
    edition, by = course.edition, course.office
    people = course.stage.people.inspectors[:2]
    planned = inspecting.plan_inspections(edition, by=by, now=at)
    team = teams.make_team(
        edition, leader=people[0].user, members=[each.user for each in people[1:]], by=by, now=at
    )
    places = [
        teaming.Place(visit, team, days[number % len(days)], ("am", "pm")[number // len(days) % 2])
        for number, visit in enumerate(planned)
    ]
    teaming.assign(edition, places=places, by=by, now=at)
    letters.issue_letters(edition, by=by, now=at + timedelta(hours=1))
    planned = list(Inspection.objects.filter(pk__in=[each.pk for each in planned]).order_by("pk"))
    said = planned[: len(planned) - undeclared]
    for person in people:
        declare_all([(each, True, "") for each in said], by=person, now=at + timedelta(hours=2))
    return planned


def visit(course: Course, inspection: Inspection, *, problem: str = "", photos: int = 0) -> None:
    """Go on the planned day: photographs, every claim looked at, the verdict signed by both."""
    leader = course.stage.people.inspectors[0]
    now = moment(inspection.planned_on, 15, 30)
    pictures = [
        papers.photograph(course.random, f"{inspection.nomination.subject_key} {number}", now)
        for number in range(1, photos + 1)
    ]
    if pictures:
        add_photos(inspection, photos=pictures, caption="车间与创新工作室", by=leader, now=now)
    lines = [
        {"key": line.key, "found": line.claimed[:40] or "现场运行正常，台账齐全", "agrees": True}
        for line in inspection.lines.all()
    ]
    if problem:
        lines[1] |= {"found": problem, "agrees": False, "difference": problem, "weight": "material"}
    visiting.record_inspection(
        inspection,
        visited_on=inspection.planned_on,
        verdict=Inspection.Verdict.FAILED if problem else Inspection.Verdict.PASSED,
        problem=problem,
        leader_signature=inspection.leader_name,
        member_signature=inspection.member_names,
        lines=lines,
        version=inspection.version,
        by=leader,
        now=now,
    )


def close_inspection(course: Course, at: datetime) -> None:
    closing_inspection.close_inspection(course.edition, by=course.office, now=at)


def publish(course: Course, at: datetime) -> Notice:
    """The list in composite order; where equals are left for the last seat, the committee takes the first."""
    proposal = publishing.propose(course.edition).computed
    undecided = sorted(proposal.undecided)[: proposal.places]
    chosen = [*proposal.ids, *undecided]
    looks.note_looks(
        course.edition,
        nominations=chosen,
        items=EXCLUSIONS,
        looked_up_on=timezone.localdate(at),
        source="信用信息公示系统和有关部门名录（演示）",
        by=course.office,
        now=at,
    )
    preview = publishing.preview_notice(course.edition, chosen, timezone.localdate(at))
    return publishing.publish_notice(
        course.edition,
        chosen=chosen,
        departs="末位综合得分相同，经委员会会议确定" if undecided else "",
        minute=course.edition.minute,
        provisional_confirmed=preview.provisional,
        by=course.office,
        now=at,
    )


def object_to(notice: Notice, at: datetime, *, last: bool = True) -> lodging.Lodged:
    """A citizen's objection to one on the list."""
    rows = list(notice.rows.select_related("nomination"))
    return lodging.lodge_objection(
        notice,
        rows[-1 if last else 0].nomination,
        name="演示市民",
        contact="0532-00000000",
        grounds="（演示）反映该企业申报的职工合理化建议采纳数量与车间公示不一致，请予核查。",
        by=Membership.objects.public(),
        now=at,
    )


def look_into(course: Course, objection, at: datetime) -> None:
    """Accepted, the objector heard, the enterprise asked; and who is on duty next."""
    by = course.office
    objection = handling.accept_objection(objection, note="材料齐全，予以受理", by=by, now=at)
    hearing.hear(
        objection,
        side="objector",
        way="电话",
        held_at=at,
        words="（演示）补充说明公示栏的照片摄于车间。",
        by=by,
        now=at,
    )
    hearing.put_to_enterprise(
        objection,
        matter="（演示）请说明申报的合理化建议采纳数量与车间公示数量不一致的原因，并提供台账。",
        reply_due=course.days.ahead(2),
        by=by,
        now=at,
    )
    today = course.days.today
    roster.add_turn(user=by.user, starts_on=today, ends_on=today + timedelta(days=6), by=by, now=at)


def dismiss(course: Course, objection, accepted: datetime, decided: datetime) -> None:
    by = course.office
    objection = handling.accept_objection(objection, note="材料齐全，予以受理", by=by, now=accepted)
    objection = handling.decide_objection(
        objection,
        upheld=False,
        decision="（演示）调阅建议台账并走访车间，数量差异系统计口径不同，申报数据属实。",
        public_outcome="经核查，所反映的问题不属实。",
        by=by,
        now=decided,
    )
    handling.answer_objection(
        objection,
        answer="（演示）您反映的情况已核查：台账与申报一致，车间公示只统计当季。感谢监督。",
        by=by,
        now=decided + timedelta(hours=1),
    )


def name(course: Course, notice: Notice, at: datetime, *, medals: bool = True) -> list[Honour]:
    """Name all on the notice, then conclude; a person for the medal goes with a naming of the city alone."""
    people = {
        row.nomination_id: (f"演示人选{number:02d}", *MEDALS[number % len(MEDALS)])
        for number, row in enumerate(notice.rows.all(), start=1)
    }
    honours = naming.name_winners(
        course.edition,
        decision=f"演示工发〔{course.edition.year}〕12号",  # noqa: RUF001
        medals=people if medals else {},
        by=course.office,
        now=at,
    )
    conclude(course.edition, by=course.office, now=at + timedelta(hours=2))
    return honours
