"""One visit: its team, what was claimed and found, the photographs, the verdict with two signatures."""

import re
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from PIL import ExifTags, Image

from awards.models import Inspection, InspectionPhoto
from nominations.models import Nomination
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit, files
from portal.errors import N_, Refused
from portal.figures import decimal_text
from portal.models import Membership, Role, User
from portal.notify import notify
from portal.permissions import require

MOST_PHOTOS = 30
#: What the committee looks at beside the declared figures: the three dimensions of S1 四.3③.
ON_SITE = (
    N_("职工创新成果奖励、分配制度的落实"),
    N_("创新工作室、实训基地等平台载体的实际运行"),
    N_("职工参与面与创新成果的台账、证书"),
)


class Stale(Refused):
    """Somebody saved in between; what was typed is kept and may be sent again after a look."""


def checklist_of(nomination: Nomination) -> list[dict]:
    """What the enterprise claims, line by line, and what is looked at on site; nothing found yet."""
    claims = nomination.declaration
    figures = (
        (N_("企业性质"), claims.nature),
        (N_("职工人数"), _text(claims.employees)),
        (N_("工会成立时间"), _text(claims.union_founded_on)),
        (N_("工会会员数"), _text(claims.union_members)),
        (N_("十强产业"), claims.key_industry),
        (N_("省部级以上认定"), "、".join(str(each) for each in claims.recognitions)),
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
    require_open(inspection.nomination.edition, StepKind.INSPECTION)
    _refuse_recorded(inspection)
    if leader_name.strip() in names_of(member_names):
        raise Refused("组长不能同时是成员，请另选一名成员。")
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
        url=reverse("awards:inspection", args=[inspection.pk]),
        now=now,
        nomination=inspection.nomination,
    )
    return inspection


@transaction.atomic
def assign_teams(
    inspections: list[Inspection], *, days: dict[int, date | None], by: Membership, now: datetime, **team
) -> list[Inspection]:
    """The same team for several visits, each on its own day; all or none."""
    return [
        assign_team(each, planned_on=days.get(each.pk), by=by, now=now, **team)
        for each in sorted(inspections, key=lambda each: each.pk)
    ]


def keep_visit(
    inspection: Inspection,
    *,
    photos: list,
    caption: str,
    checklist: list[dict],
    visited_on: date | None,
    problem: str,
    version: int,
    by: Membership,
    now: datetime,
    **unsigned,
) -> Inspection:
    """What the page of a visit has so far; verdict and signatures are given only when it is recorded."""
    kept = save_draft(
        inspection,
        checklist=checklist,
        visited_on=visited_on,
        problem=problem,
        version=version,
        by=by,
        now=now,
    )
    if photos:
        add_photos(inspection, photos=photos, caption=caption, by=by, now=now)
    return kept


def record_visit(
    inspection: Inspection, *, photos: list, caption: str, by: Membership, now: datetime, **facts
) -> Inspection:
    """The page of a visit with its verdict. Photographs stay even where the verdict is refused."""
    if photos:
        add_photos(inspection, photos=photos, caption=caption, by=by, now=now)
    return record_inspection(inspection, by=by, now=now, **facts)


@transaction.atomic
def save_draft(
    inspection: Inspection,
    *,
    checklist: list[dict],
    visited_on: date | None = None,
    problem: str = "",
    version: int,
    by: Membership,
    now: datetime,
) -> Inspection:
    """Keep what has been found so far, before there is a verdict. Saving the same again changes nothing."""
    inspection = _locked(inspection)
    require(by, "awards.record_inspection", inspection)
    require_open(inspection.nomination.edition, StepKind.INSPECTION)
    _refuse_recorded(inspection)
    _refuse_stale(inspection, version)
    merged = _merged(inspection.checklist, checklist)
    if (merged, visited_on, problem.strip()) == (
        inspection.checklist,
        inspection.visited_on,
        inspection.problem,
    ):
        return inspection
    inspection.checklist, inspection.visited_on, inspection.problem = merged, visited_on, problem.strip()
    inspection.version += 1
    inspection.full_clean(exclude=["inspectors"])
    inspection.save()
    audit.record(
        "awards.save_draft",
        inspection,
        by=by,
        now=now,
        checklist=merged,
        visited_on=visited_on,
        problem=inspection.problem,
    )
    return inspection


@transaction.atomic
def record_inspection(
    inspection: Inspection,
    *,
    visited_on: date | None,
    verdict: str,
    problem: str = "",
    leader_signature: str,
    member_signature: str,
    checklist: list[dict] | None = None,
    version: int,
    by: Membership,
    now: datetime,
) -> Inspection:
    """The verdict of a visit, signed by two. A failed one says why; nothing is recorded twice."""
    inspection = _locked(inspection)
    require(by, "awards.record_inspection", inspection)
    require_open(inspection.nomination.edition, StepKind.INSPECTION)
    _refuse_recorded(inspection)
    _refuse_stale(inspection, version)
    if inspection.nomination.state != State.INSPECTION:
        raise Refused("“{name}”不在考察环节，不能登记考察结论。", name=str(inspection.nomination))
    if verdict not in Inspection.Verdict.values:
        raise Refused("请选择考察结论：合格或不合格。")
    _check_signatures(inspection, leader_signature.strip(), member_signature.strip())
    if visited_on is None:
        raise Refused("请填写考察日期。")
    if visited_on > timezone.localdate(now):
        raise Refused("考察日期不能晚于今天。")
    if verdict == Inspection.Verdict.FAILED and not problem.strip():
        raise Refused("结论为不合格时，请写明发现的问题。")
    if checklist is not None:
        inspection.checklist = _merged(inspection.checklist, checklist)
        _refuse_unchecked(inspection, verdict)
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
def add_photos(
    inspection: Inspection, *, photos: list, caption: str = "", by: Membership, now: datetime
) -> list[InspectionPhoto]:
    """Photographs of the visit, all or none: checked by content, their hidden data removed.

    Of what a camera hides in a picture only the time is kept, in a field of its own; never the place.
    """
    inspection = _locked(inspection)
    require(by, "awards.record_inspection", inspection)
    require_open(inspection.nomination.edition, StepKind.INSPECTION)
    if inspection.photos.count() + len(photos) > MOST_PHOTOS:
        raise Refused("每家最多上传 {most} 张照片，请选择最能说明情况的。", most=MOST_PHOTOS)
    return [_add_photo(inspection, file, caption, by=by, now=now) for file in photos]


def _add_photo(inspection, file, caption, *, by, now):
    kind = files.inspect(file, allowed=files.IMAGES)
    photo = InspectionPhoto(
        inspection=inspection,
        caption=caption,
        taken_at=_taken_at(file, now),
        uploaded_at=now,
        uploaded_by=by,
    )
    clean = files.clean_image(file)
    photo.file.save(clean.name, clean, save=False)
    photo.save()
    audit.record(
        "awards.add_photo",
        photo,
        by=by,
        now=now,
        edition=inspection.nomination.edition,
        inspection=inspection.pk,
        enterprise=str(inspection),
        sha256=kind.sha256,
        taken_at=photo.taken_at,
    )
    return photo


def _taken_at(file, now):
    """When the camera says the picture was taken; None where it does not, or says what cannot be."""
    file.seek(0)
    try:
        with Image.open(file) as image:
            text = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
        taken = datetime.strptime(str(text), "%Y:%m:%d %H:%M:%S").replace(
            tzinfo=timezone.get_default_timezone()
        )
    except Exception:  # a camera writes what it likes; the picture itself was looked through before
        return None
    finally:
        file.seek(0)
    return taken if taken <= now else None


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
        raise Stale(
            "这份考察记录在您填写期间已被更新。下面保留了您填写的内容，请与已保存的内容核对后再提交一次。",
        )


def _check_signatures(inspection, leader, member):
    """委员会决定: signed by the leader and one member; where the team is set, by those who are on it."""
    if not leader or not member:
        raise Refused("考察结论须由组长和一名成员签名。")
    if leader == member:
        raise Refused("两个签名不能是同一人，请由另一名成员签名。")
    if inspection.leader_name and leader != inspection.leader_name:
        raise Refused("组长签名须与考察组名单一致：组长是“{name}”。", name=inspection.leader_name)
    if inspection.member_names and member not in names_of(inspection.member_names):
        raise Refused("成员签名须与考察组名单一致：成员是{names}。", names=inspection.member_names)


def _refuse_unchecked(inspection, verdict):
    open_lines = [line["item"] for line in inspection.checklist if line["agrees"] is None]
    if open_lines:
        raise Refused(
            "核对清单还有 {count} 项没有选择是否相符：{items}。",
            count=len(open_lines),
            items="、".join(open_lines[:5]),
        )
    unsaid = [line["item"] for line in inspection.checklist if line["agrees"] is False and not line["found"]]
    if unsaid:
        raise Refused("“{items}”与申报不符，请写明核实情况。", items="、".join(unsaid[:5]))


def names_of(text: str) -> list[str]:
    """The single names in 演示成员甲、演示成员乙, whatever separates them."""
    return [name for name in re.split(r"[、，,;；\s]+", text) if name]


def _merged(kept: list[dict], found: list[dict]) -> list[dict]:
    """The claims stay as they were built; only what was found, and whether it agrees, is taken over."""
    if len(kept) != len(found):
        raise Refused("核对清单与系统中的不一致，请刷新页面后再填写。")
    return [
        {**line, "found": str(new.get("found") or "").strip()[:500], "agrees": new.get("agrees")}
        for line, new in zip(kept, found, strict=True)
    ]
