"""A panel drawn from the register: who is in it, the lot, the answers, the conflicts, the work given out."""

from datetime import datetime
from itertools import count

from awards.demonstration.course import Course
from portal.models import Membership, Role
from review import drawing
from review.models import Expert, PanelMember
from review.services import assigning, conflicts, office_recusals, register
from review.services.drawing import Criteria, answer_invitation, draw_panel, preview_draw

FIELD = "职工创新"
#: Those of the register who have no account: name, fields, employer, district.
OTHERS = (
    ("演示专家己", (FIELD, "高端装备"), "演示理工学院", "市南区"),
    ("演示专家庚", (FIELD, "现代海洋"), "演示海洋研究所", "市北区"),
    ("演示专家辛", (FIELD, "医养健康"), "演示医药研究院", "崂山区"),
    ("演示专家壬", ("新能源新材料",), "演示材料研究所", "黄岛区"),
    ("演示专家癸", ("现代高效农业",), "演示农业科学院", "即墨区"),
)
#: Fields of those with accounts, by place.
FIELDS = (
    (FIELD, "新一代信息技术"),
    (FIELD, "高端装备"),
    (FIELD, "现代海洋"),
    (FIELD, "新能源新材料"),
    (FIELD, "医养健康"),
)


def keep_register(course: Course, now: datetime) -> None:
    """The city's office writes down what it knows of everybody."""
    city = course.stage.people.hat(Role.OFFICE, "city")
    places = register.districts()
    known = {each.user_id: each for each in Expert.objects.filter(user__isnull=False)}
    for place, hat in enumerate(course.stage.people.experts):
        facts = {
            "fields": list(FIELDS[place % len(FIELDS)]),
            "title": "教授",
            "phone": f"0532-0000000{place}",
            "mail": f"expert{place + 1}@example.invalid",
        }
        person = known.get(hat.user_id)
        if person:
            register.change_expert(person, **facts, by=city, now=now)
        else:
            register.add_expert(
                name=hat.user.full_name,
                employer="演示大学创新研究中心",
                user=hat.user,
                **facts,
                by=city,
                now=now,
            )
    for name, fields, employer, division in OTHERS:
        division = division if division in places else ""
        register.add_expert(
            name=name,
            fields=list(fields),
            employer=employer,
            division_name=division,
            title="研究员",
            by=city,
            now=now,
        )


def draw(course: Course, *, size: int, each: int, at: datetime) -> list[Membership]:
    """Draw `size`, all of whom accept, and give out the work, `each` to a nomination; their hats by place."""
    experts = course.stage.people.experts[:size]
    criteria = Criteria(size=size, reserves=2, fields=(FIELD,), most=6)
    draw_panel(course.edition, criteria, seed=_seed(course, criteria, experts), by=course.office, now=at)
    members = {member.user_id: member for member in course.edition.panel.all()}
    for hat in experts:
        answer_invitation(members[hat.user_id], accept=True, by=hat, now=at)
    _tie(course, members[experts[2].user_id], members[experts[3].user_id], at)
    assigning.assign(course.edition, seed=f"{at:%Y%m%d}", each=each, by=course.office, now=at)
    return experts


def _seed(course: Course, criteria: Criteria, experts: list[Membership]) -> str:
    """The first by which those with an account are drawn, so that everybody in the table has work to do."""
    pool = preview_draw(course.edition, criteria).pool
    keys = {str(each.pk): each.user_id for each in pool}
    wanted = {hat.user_id for hat in experts}
    for number in count(1):
        seed = f"演示公开号码 {number:04d}"
        if {keys[key] for key in drawing.draw(keys, seed)[: criteria.size]} == wanted:
            return seed
    raise LookupError(wanted)


def _tie(course: Course, found: PanelMember, pinned: PanelMember, at: datetime) -> None:
    """One conflict the portal sees, one the office settled, and one of the office who steps aside."""
    first, second = course.at("review")[:2]
    register.change_expert(
        found.expert,
        employer_code=first.enterprise.credit_code,
        by=course.stage.people.hat(Role.OFFICE, "city"),
        now=at,
    )
    conflicts.pin(
        pinned,
        second,
        conflict=True,
        reason="两年内担任该企业技术顾问，经核实应当回避",
        by=course.office,
        now=at,
    )
    clerk = course.stage.people.by_name["office2-370212"]
    office_recusals.record(second, clerk.user, reason="配偶在该企业任职", by=course.office, now=at)
