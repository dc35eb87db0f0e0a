"""Setting a department's 有问题 aside: one of the office proposes it with a reason, a second one decides."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from nominations.models import Nomination
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require
from review.models import Opinion, Overrule, Proof
from review.services.proofs import store_proof
from review.services.rechecks import may_decide


def seconds(edition, first: Membership):
    """The others of the same office: those who may confirm what this one proposes."""
    return Membership.objects.at(edition.host_id, Role.OFFICE).exclude(user=first.user_id)


@transaction.atomic
def propose_overrule(
    opinion: Opinion,
    *,
    by: Membership,
    now: datetime,
    reason: str,
    version: int | None = None,
    file=None,
    file_title: str = "",
) -> Overrule:
    """Ask for a 有问题 to be set aside. `version` is that of the answer the person had before them."""
    require(by, "review.overrule", opinion)
    nomination = _held(opinion.nomination_id)
    opinion = (
        Opinion.objects.select_for_update(of=("self",))
        .select_related("consultation__department", "consultation__edition")
        .get(pk=opinion.pk)
    )
    if opinion.answer != Opinion.Answer.PROBLEM:
        raise Refused("{title}的答复不是“有问题”，不需要提出不采纳。", title=opinion.consultation.title)
    if version is not None and version != opinion.version:
        raise Refused("{title}刚重新答复过，请刷新页面查看后再办。", title=opinion.consultation.title)
    if not reason.strip():
        raise Refused("请写明不采纳这一意见的理由和依据。")
    others = list(seconds(nomination.edition, by).select_related("user"))
    if not others:
        raise Refused(
            "不采纳部门意见须由办公室两人办理，现在本办公室只有您一人，没有人可以复核。"
            "请系统管理员为本办公室增加一名人员后再提出。"
        )
    if opinion.overrules.filter(opinion_version=opinion.version).exclude(confirmed=False).exists():
        raise Refused("{title}的这一答复已经提出过不采纳，请刷新页面查看。", title=opinion.consultation.title)
    overrule = Overrule.objects.create(
        opinion=opinion,
        opinion_version=opinion.version,
        reason=reason.strip()[:500],
        proposed_at=now,
        proposed_by=by,
    )
    paper = None
    if file:
        unsaved = Proof(
            nomination=nomination, overrule=overrule, title=file_title, uploaded_at=now, uploaded_by=by
        )
        paper = store_proof(unsaved, file)
    audit.record(
        "review.overrule",
        overrule,
        by=by,
        now=now,
        edition=nomination.edition_id,
        department=opinion.consultation.department.name,
        item=opinion.consultation.item,
        explanation=opinion.explanation,
        version=opinion.version,
        reason=overrule.reason,
        proof=paper and [paper.title, paper.sha256],
        note=f"{opinion.consultation.title}：{overrule.reason}",
    )
    notify(
        "review.overrule",
        others,
        subject=_("请复核：{name}提出不采纳{department}对“{subject}”的意见").format(
            name=by.user,
            department=opinion.consultation.department.short_name,
            subject=nomination.subject_name,
        ),
        body=overrule.reason,
        url=reverse("review:decide_overrule", args=[overrule.pk]),
        now=now,
        nomination=nomination,
    )
    return overrule


@transaction.atomic
def decide_overrule(
    overrule: Overrule, *, by: Membership, now: datetime, confirmed: bool, remark: str = ""
) -> Overrule:
    """Confirm or decline it: a second person of the same office, once, while the answer still stands."""
    require(by, "review.decide_overrule", overrule)
    nomination = _held(overrule.opinion.nomination_id)
    overrule = (
        Overrule.objects.select_for_update(of=("self",))
        .select_related("opinion__consultation__department", "proposed_by__user", "decided_by__user")
        .get(pk=overrule.pk)
    )
    opinion = overrule.opinion
    if overrule.confirmed is not None:
        raise Refused("这一事项已由{name}复核，请刷新页面查看。", name=str(overrule.decided_by.user))
    if overrule.lapsed:
        raise Refused(
            "{title}已经重新答复，这次提出的不采纳随之失效，不再需要复核。", title=opinion.consultation.title
        )
    if overrule.proposed_by.user_id == by.user_id:
        raise Refused("不采纳部门意见由您提出，须由办公室的另一人复核，您换一个身份也不能复核。")
    if not confirmed and not remark.strip():
        raise Refused("不同意的，请写明复核意见。")
    overrule.confirmed, overrule.remark = confirmed, remark.strip()[:500]
    overrule.decided_at, overrule.decided_by = now, by
    overrule.save(update_fields=["confirmed", "remark", "decided_at", "decided_by"])
    audit.record(
        "review.decide_overrule",
        overrule,
        by=by,
        now=now,
        edition=nomination.edition_id,
        department=opinion.consultation.department.name,
        item=opinion.consultation.item,
        version=overrule.opinion_version,
        proposed_by=str(overrule.proposed_by.user),
        confirmed=confirmed,
        remark=overrule.remark,
        note=_decided(overrule),
    )
    _tell(overrule, nomination, now)
    return overrule


def _held(pk: int) -> Nomination:
    """The nomination, locked as an answer and the closing lock it, while it may still be decided about."""
    nomination = Nomination.objects.select_for_update(of=("self",)).select_related("edition__host").get(pk=pk)
    if may_decide(nomination):
        return nomination
    require_open(nomination.edition, StepKind.SCREENING)
    if nomination.state != State.SCREENING:
        raise Refused(
            "“{name}”现处于“{state}”环节，不能再处理部门意见。",
            name=nomination.subject_name,
            state=str(nomination.state_label),
        )
    return nomination


def _decided(overrule) -> str:
    words = _("同意不采纳") if overrule.confirmed else _("不同意")
    return f"{overrule.opinion.consultation.title}，{words}：{overrule.remark}".rstrip("：")


def _tell(overrule, nomination, now) -> None:
    """The one who proposed it; and, when its answer no longer counts, the department."""
    subject, department = nomination.subject_name, overrule.opinion.consultation.department
    hats = [overrule.proposed_by]
    if overrule.confirmed:
        asked = Membership.objects.at(department, Role.DEPARTMENT).select_related("user")
        notify(
            "review.decide_overrule",
            asked,
            subject=_("办公室没有采纳贵单位对“{subject}”的“有问题”答复").format(subject=subject),
            body=_("理由：{reason}。如有新的情况，可以在资格审查关闭前重新答复。").format(
                reason=overrule.reason.rstrip("。")
            ),
            url=reverse("review:answer", args=[nomination.pk]),
            now=now,
            nomination=nomination,
        )
    words = _("同意") if overrule.confirmed else _("不同意")
    notify(
        "review.decide_overrule",
        hats,
        subject=_("{department}对“{subject}”的意见，复核结果：{words}不采纳").format(
            department=department.short_name, subject=subject, words=words
        ),
        body=overrule.remark,
        url=reverse("review:answer", args=[nomination.pk]),
        now=now,
        nomination=nomination,
    )
