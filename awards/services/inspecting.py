"""差额考察: who visits whom, what was claimed and found, two signatures, and the closing of the step."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from awards.models import Inspection, InspectionPhoto
from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.services.steps import close_step, require_open
from nominations.states import State, StepKind
from portal import audit, files
from portal.errors import N_, Refused
from portal.figures import decimal_text
from portal.models import Membership, Role, User
from portal.notify import notify
from portal.permissions import require
from portal.workbook import Column, read

#: What the committee looks at beside the declared figures: the three dimensions of S1 四.3③.
ON_SITE = (
    N_("职工创新成果奖励、分配制度的落实"),
    N_("创新工作室、实训基地等平台载体的实际运行"),
    N_("职工参与面与创新成果的台账、证书"),
)


@transaction.atomic
def plan_inspections(edition: Edition, *, by: Membership, now: datetime) -> list[Inspection]:
    """One visit for each shortlisted enterprise, its checklist built from the enterprise's own claims."""
    require(by, "awards.plan_inspection", edition)
    require_open(edition, StepKind.INSPECTION)
    planned = []
    due = Nomination.objects.at(State.INSPECTION).filter(edition=edition, inspection__isnull=True)
    for nomination in due.select_related("declaration").select_for_update(of=("self",)).order_by("pk"):
        inspection = Inspection.objects.create(nomination=nomination, checklist=checklist_of(nomination))
        audit.record("awards.plan_inspection", inspection, by=by, now=now)
        planned.append(inspection)
    return planned


def checklist_of(nomination: Nomination) -> list[dict]:
    """What the enterprise claims, line by line, and what is looked at on site; nothing found yet."""
    claims = nomination.declaration
    figures = (
        (N_("企业性质"), claims.nature),
        (N_("职工人数"), _text(claims.employees)),
        (N_("工会成立时间"), _text(claims.union_founded_on)),
        (N_("工会会员数"), _text(claims.union_members)),
        (N_("十强产业"), claims.key_industry),
        (N_("省部级以上认定"), "、".join(claims.recognitions)),
        (N_("一线职工教育经费占比（%）"), _text(claims.frontline_share)),
        (N_("主要事迹"), claims.deeds),
    )
    lines = [(item, claimed) for item, claimed in figures if claimed]
    lines += [(item, "") for item in ON_SITE]
    return [{"item": item, "claimed": claimed, "found": "", "agrees": None} for item, claimed in lines]


def _text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return decimal_text(value)


@transaction.atomic
def assign_team(
    inspection: Inspection,
    *,
    inspectors: list[User],
    leader_name: str,
    member_names: str,
    planned_on: date | None,
    by: Membership,
    now: datetime,
) -> Inspection:
    """Who goes and when; the inspectors are told."""
    inspection = _locked(inspection)
    require(by, "awards.plan_inspection", inspection)
    _refuse_recorded(inspection)
    hats = list(
        Membership.objects.active().filter(user__in=inspectors, role=Role.INSPECTOR).select_related("user")
    )
    if {hat.user_id for hat in hats} != {user.pk for user in inspectors}:
        raise Refused("所选人员中有人不是考察组成员，请先由系统管理员设置其考察组身份。")
    inspection.leader_name, inspection.member_names = leader_name, member_names
    inspection.planned_on = planned_on
    inspection.version += 1
    inspection.save()
    inspection.inspectors.set(inspectors)
    audit.record(
        "awards.assign_team",
        inspection,
        by=by,
        now=now,
        leader=leader_name,
        members=member_names,
        inspectors=sorted(user.pk for user in inspectors),
        planned_on=planned_on,
    )
    notify(
        "awards.inspection_assigned",
        hats,
        subject=f"请考察：{inspection.nomination.subject_name}",
        now=now,
        nomination=inspection.nomination,
    )
    return inspection


@transaction.atomic
def save_checklist(
    inspection: Inspection, *, checklist: list[dict], version: int, by: Membership, now: datetime
) -> Inspection:
    """Keep what has been found so far, before there is a verdict."""
    inspection = _locked(inspection)
    require(by, "awards.record_inspection", inspection)
    _refuse_recorded(inspection)
    _refuse_stale(inspection, version)
    inspection.checklist = _merged(inspection.checklist, checklist)
    inspection.version += 1
    inspection.save()
    audit.record("awards.save_checklist", inspection, by=by, now=now, checklist=inspection.checklist)
    return inspection


@transaction.atomic
def record_inspection(
    inspection: Inspection,
    *,
    visited_on: date,
    verdict: str,
    problem: str = "",
    leader_signature: str,
    member_signature: str,
    checklist: list[dict] | None = None,
    version: int,
    by: Membership,
    now: datetime,
) -> Inspection:
    """The verdict of a visit, signed by two. A failed visit says why; a recorded one is not recorded again."""
    inspection = _locked(inspection)
    require(by, "awards.record_inspection", inspection)
    require_open(inspection.nomination.edition, StepKind.INSPECTION)
    _refuse_recorded(inspection)
    _refuse_stale(inspection, version)
    if inspection.nomination.state != State.INSPECTION:
        raise Refused("“{name}”不在考察环节，不能登记考察结论。", name=str(inspection.nomination))
    if not leader_signature.strip() or not member_signature.strip():
        raise Refused("考察结论须由组长和一名成员签名。")
    if leader_signature.strip() == member_signature.strip():
        raise Refused("两个签名不能是同一人，请由另一名成员签名。")
    if visited_on > timezone.localdate(now):
        raise Refused("考察日期不能晚于今天。")
    if verdict not in Inspection.Verdict.values:
        raise Refused("请选择考察结论：合格或不合格。")
    if verdict == Inspection.Verdict.FAILED and not problem.strip():
        raise Refused("结论为不合格时，请写明发现的问题。")
    if checklist is not None:
        inspection.checklist = _merged(inspection.checklist, checklist)
    inspection.visited_on, inspection.verdict, inspection.problem = visited_on, verdict, problem.strip()
    inspection.leader_signature = leader_signature.strip()
    inspection.member_signature = member_signature.strip()
    inspection.recorded_at, inspection.recorded_by = now, by
    inspection.version += 1
    inspection.full_clean(exclude=["inspectors"])
    inspection.save()
    audit.record(
        "awards.record_inspection",
        inspection,
        by=by,
        now=now,
        visited_on=visited_on,
        verdict=verdict,
        problem=inspection.problem,
        signatures=[inspection.leader_signature, inspection.member_signature],
        checklist=inspection.checklist,
    )
    return inspection


@transaction.atomic
def add_photo(
    inspection: Inspection, *, file, caption: str = "", taken_at=None, by: Membership, now: datetime
) -> InspectionPhoto:
    """A photograph of the visit, checked by content, its hidden data removed."""
    inspection = _locked(inspection)
    require(by, "awards.record_inspection", inspection)
    kind = files.inspect(file, allowed=("jpeg", "png", "webp"))
    photo = InspectionPhoto(
        inspection=inspection, caption=caption, taken_at=taken_at, uploaded_at=now, uploaded_by=by
    )
    photo.file.save(file.name, files.clean_image(file), save=False)
    photo.save()
    audit.record("awards.add_photo", photo, by=by, now=now, nomination=str(inspection), sha256=kind.sha256)
    return photo


COLUMNS = (
    Column("序号", key="number", required=False),
    Column("统一社会信用代码", key="credit_code", code=True),
    Column("企业名称", key="name"),
    Column("考察日期", key="visited_on", kind="date"),
    Column("考察组长", key="leader"),
    Column("考察成员", key="members"),
    Column("结论", key="verdict", kind="choice", choices=("合格", "不合格")),
    Column("问题", key="problem", required=False),
)
VERDICTS = {"合格": Inspection.Verdict.PASSED, "不合格": Inspection.Verdict.FAILED}


@dataclass
class InspectionPaper:
    """A read 考察记录.xlsx: the rows of shortlisted enterprises, and the names of rows that concern no one here."""

    rows: list[tuple[Inspection, dict]] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)


def read_inspections(edition: Edition, file) -> InspectionPaper:
    """Read the teams' summary. Every error is a row and a column; a shortlisted one that is missing is one too."""
    sheet = read(file, COLUMNS, unique=("credit_code",))
    open_visits = {
        visit.nomination.enterprise.credit_code: visit
        for visit in Inspection.objects.filter(
            nomination__edition=edition, nomination__state=State.INSPECTION
        ).select_related("nomination__enterprise", "nomination__edition")
    }
    paper, seen = InspectionPaper(), set()
    for row in sheet.rows:
        visit = open_visits.get(row.values["credit_code"])
        if visit is None:
            paper.beside.append(row.values["name"])
            continue
        seen.add(row.values["credit_code"])
        if row.values["verdict"] == "不合格" and not row.values["problem"]:
            sheet.error(row, "problem", N_("结论为不合格，但没有写明问题"), N_("写明发现的问题"))
        paper.rows.append((visit, row.values))
    sheet.finish()
    missing = [str(visit.nomination) for code, visit in open_visits.items() if code not in seen]
    if missing:
        raise Refused(
            "考察记录中缺少待考察企业：{names}。请补齐后重新上传。", names="、".join(sorted(missing))
        )
    return paper


@transaction.atomic
def apply_inspections(edition: Edition, file, *, by: Membership, now: datetime) -> InspectionPaper:
    """Take over the teams' summary as a unit."""
    require(by, "awards.plan_inspection", edition)
    paper = read_inspections(edition, file)
    for visit, values in paper.rows:
        members = values["members"].replace("，", "、").split("、")
        visit.leader_name, visit.member_names = values["leader"], values["members"]
        visit.save()
        record_inspection(
            visit,
            visited_on=values["visited_on"],
            verdict=VERDICTS[values["verdict"]],
            problem=values["problem"] or "",
            leader_signature=values["leader"],
            member_signature=members[0],
            version=visit.version,
            by=by,
            now=now,
        )
    return paper


@dataclass(frozen=True)
class InspectionPreview:
    passed: list[Inspection]
    failed: list[Inspection]
    open: list[Nomination]

    @property
    def blocked(self) -> bool:
        return bool(self.open)


def preview_inspection(edition: Edition) -> InspectionPreview:
    """Who stays for publicity, who ends here and why, and who has no verdict yet."""
    nominations = list(
        Nomination.objects.at(State.INSPECTION)
        .filter(edition=edition)
        .select_related("inspection", "shortlist_row")
        .order_by("shortlist_row__rank", "subject_key")
    )
    visits = [nomination.inspection for nomination in nominations if hasattr(nomination, "inspection")]
    return InspectionPreview(
        passed=[visit for visit in visits if visit.verdict == Inspection.Verdict.PASSED],
        failed=[visit for visit in visits if visit.verdict == Inspection.Verdict.FAILED],
        open=[n for n in nominations if not hasattr(n, "inspection") or not n.inspection.verdict],
    )


@transaction.atomic
def close_inspection(edition: Edition, *, by: Membership, now: datetime) -> InspectionPreview:
    """End the step: who failed is refused with the reason; who passed waits for the publicity list."""
    require(by, "awards.close_inspection", edition)
    Edition.objects.select_for_update().get(pk=edition.pk)
    preview = preview_inspection(edition)
    if preview.blocked:
        raise Refused(
            "还有 {count} 家没有考察结论：{names}。请登记后再关闭本环节。",
            count=len(preview.open),
            names="、".join(str(each) for each in preview.open),
        )
    if not preview.passed and not preview.failed:
        raise Refused("还没有生成考察名单，不能关闭差额考察。")
    for visit in sorted(preview.failed, key=lambda visit: visit.nomination_id):
        advance(visit.nomination, "reject", by=by, now=now, note=f"实地考察不合格：{visit.problem}")
    close_step(
        edition, StepKind.INSPECTION, by=by, now=now, passed=len(preview.passed), failed=len(preview.failed)
    )
    return preview


def _locked(inspection):
    return (
        Inspection.objects.select_for_update(of=("self",))
        .select_related("nomination__edition", "nomination__enterprise")
        .get(pk=inspection.pk)
    )


def _refuse_recorded(inspection):
    if inspection.verdict:
        raise Refused("“{name}”的考察结论已经登记，不能重复登记。", name=str(inspection.nomination))


def _refuse_stale(inspection, version):
    if version != inspection.version:
        raise Refused("这份考察记录已被他人更新，请刷新页面后再填写，您填写的内容请先另行保存。")


def _merged(kept: list[dict], found: list[dict]) -> list[dict]:
    """The claims stay as they were built; only what was found, and whether it agrees, is taken over."""
    return [
        {**line, "found": str(new.get("found", ""))[:500], "agrees": new.get("agrees")}
        for line, new in zip(kept, found, strict=True)
    ]
