"""What only the intake and the joint check show: a repair, a folder with a past, near-same names, a link."""

from dataclasses import replace
from datetime import datetime, timedelta

from awards.demonstration import papers
from awards.demonstration.course import Course
from awards.demonstration.enterprises import Company
from nominations.models import Evidence, Nomination
from nominations.services.declaring import save_declaration, submit
from nominations.services.evidence import attach_evidence, void_evidence
from nominations.services.quotas import set_quota
from nominations.services.returning import send_back
from portal.models import Organisation, Role, User
from review.models import Opinion
from review.services.links import issue_link
from review.services.opinions import attach_proof
from review.services.overrules import propose_overrule

#: What the recommender wrote beside the fields of the one that lies with the enterprise.
NOTES = {
    "suggestions_adopted": "台账上是采纳的建议和“五小”成果合计，请只填采纳的合理化建议（演示）。",
    "deeds": "第一段的采纳条数请与“创新成效”一致（演示）。",
    "evidence:congress": "缺表决结果页，请补上（演示）。",
}


def near_same(company: Company, other: Company) -> Company:
    """The company under a name one could take for the other's."""
    return replace(company, name=other.name.replace("（演示）", "实业（演示）"))


def mend(course: Course, nomination: Nomination) -> None:
    """Returned with notes, put right by the recommender and handed in again."""
    back, by = course.days.back, course.hat(Role.RECOMMENDER, nomination.recommender.code)
    office = course.office
    send_back(
        nomination,
        by=office,
        now=back(2, 17, 10),
        codes=["wrong", "incomplete"],
        reason="培训经费与一线占比对不上（演示）",
        notes={
            "training_frontline": "与占比相乘不符，请核对（演示）。",
            "evidence:congress": "请换成盖章件。",
        },
        deadline=course.days.ahead(2),
    )
    now = back(1, 10)
    fund = int(nomination.declaration.answers["training_fund"]) + 20_000
    share = nomination.declaration.frontline_share
    save_declaration(
        nomination,
        by=by,
        now=now,
        version=nomination.declaration.version,
        answers={"training_fund": str(fund), "training_frontline": str(fund * share / 100)},
    )
    _renew(nomination, by=by, now=now + timedelta(minutes=20))
    submit(nomination, by=by, now=back(1, 11))


def _renew(nomination: Nomination, *, by, now) -> None:
    """The folder gets a past: a minute replaced, a picture set aside."""
    title = "职代会记录（演示，盖章件）"
    lines = [f"企业名称：{nomination.subject_name}", "到会代表过半数同意，予以通过", "（盖章处）"]
    attach_evidence(
        nomination,
        kind=Evidence.Kind.CONGRESS,
        title=title,
        file=papers.document(title, lines, f"{title}.pdf", more=1),
        replaces=nomination.evidence.current().get(kind=Evidence.Kind.CONGRESS),
        by=by,
        now=now,
    )
    picture = nomination.evidence.current().filter(kind=Evidence.Kind.PHOTO).first()
    void_evidence(picture, by=by, now=now + timedelta(minutes=5), reason="照片拍的是旧厂区（演示）")


def regrant(course: Course, code: str, number: int, *, now: datetime) -> None:
    """A quota changed after the edition was published."""
    place = Organisation.objects.get(code=code)
    reason = "另一单位退回名额，按演示纪要调剂"
    set_quota(course.edition, place, number, by=course.office, now=now, reason=reason)


def prove(course: Course, place: int, department: str) -> Opinion:
    """The department's print of what it found, behind its 有问题."""
    nomination = course.edition.nominations.at("screening").order_by("pk")[place]
    opinion = nomination.opinions.get(consultation__department__code=department, answer="problem")
    title = "查询结果页（演示）"
    lines = [f"企业名称：{nomination.subject_name}", opinion.explanation]
    attach_proof(
        opinion,
        file=papers.document(title, lines, f"{title}.pdf"),
        title=title,
        by=opinion.answered_by,
        now=opinion.answered_at,
    )
    return opinion


def doubt(course: Course, opinion: Opinion) -> None:
    """One of the office proposes not to follow it; the second person has not decided."""
    propose_overrule(
        opinion,
        by=course.office,
        now=course.days.back(1, 17, 20),
        version=opinion.version,
        reason="企业提交了移出经营异常名录的决定书，移出日期在审查日之前，已向登记机关电话核实（演示）。",
    )


def lend(course: Course, code: str) -> None:
    """A link for a named person without an account. Its key is kept nowhere: whoever tries it issues one."""
    issued = issue_link(
        course.edition,
        Organisation.objects.get(code=code),
        name="演示环保联系人",
        position="科员（演示）",
        contact="0532-00000000",
        valid_until=course.days.ahead(6),
        by=course.office,
        now=course.days.back(1, 16),
    )
    User.objects.filter(pk=issued.link.hat.user_id).update(is_demo=True)
