"""What an honour carries on: the person for the medal, and whom it is put forward for.

S1 四.4: 同等条件下优先推荐市劳模及以上; S1 二: 择优推荐省级. By which criteria is the committee's.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from awards.models import Honour, Promotion
from awards.services.naming import medal_of
from awards.services.revoking import locked, refuse_revoked
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership
from portal.permissions import require

To = Promotion.To

#: 委员会决定: what is looked at, for want of criteria in S1; the office may add its own.
CRITERIA = {
    To.MODEL_WORKER: (
        N_("拟推荐人选为企业负责人或者分管负责人"),
        N_("命名没有撤销，没有未办结的异议"),
        N_("资助资金按计划使用"),
    ),
    To.PROVINCE: (
        N_("命名没有撤销，没有未办结的异议"),
        N_("全员创新成效在命名企业中领先"),
        N_("有省级以上创新平台或者成果"),
    ),
}
FLAGS = {To.MODEL_WORKER: "model_worker", To.PROVINCE: "to_province"}


@transaction.atomic
def set_medal(
    honour: Honour, *, name: str, office: str = "", position: str = "", by: Membership, now: datetime
) -> Honour:
    """S1 四.4: one person, the head or the deputy in charge. May be set and changed after naming."""
    honour = locked(honour)
    require(by, "awards.name", honour)
    refuse_revoked(honour)
    medal = medal_of(honour.category, honour.level, name, office, position)
    if medal["medal_name"] != honour.medal_name and hasattr(honour, "person"):
        raise Refused("“{name}”的个人信息已经登记，更换人选前请先删除。", name=honour.medal_name)
    before = [honour.medal_name, honour.medal_office, honour.medal_position]
    for key, value in medal.items():
        setattr(honour, key, value)
    honour.full_clean()
    honour.save()
    after = [honour.medal_name, honour.medal_office, honour.medal_position]
    audit.record("awards.set_medal", honour, by=by, now=now, before=before, after=after)
    return honour


@transaction.atomic
def promote(
    honour: Honour,
    *,
    to: str,
    criteria: Sequence[tuple[str, bool, str]],
    reason: str,
    minute: str = "",
    by: Membership,
    now: datetime,
) -> Promotion:
    """Put a named one forward, once. `criteria`: (what was looked at, whether it is met, a note)."""
    honour = locked(honour)
    require(by, "awards.promote", honour)
    refuse_revoked(honour)
    if honour.nomination_id is None:
        raise Refused("“{name}”是登记的历年命名，不能在这里推荐。", name=honour.subject_name)
    standing = honour.promotions.filter(to=to, ended_at__isnull=True).first()
    if standing:
        raise Refused(
            "“{name}”已在{to}名单中，不能重复推荐。",
            name=honour.subject_name,
            to=str(standing.get_to_display()),
        )
    if to == To.MODEL_WORKER and not honour.medal_name:
        raise Refused("“{name}”还没有五一劳动奖章人选，请先登记人选。", name=honour.subject_name)
    if not reason.strip():
        raise Refused("请写明推荐理由。")
    lines = [
        {"name": name.strip(), "met": bool(met), "note": note.strip()}
        for name, met, note in criteria
        if name.strip()
    ]
    unmet = [line["name"] for line in lines if not line["met"] and not line["note"]]
    if not lines:
        raise Refused("请至少填写一项推荐条件。")
    if unmet:
        raise Refused("“{name}”一项没有达到，请写明情况，或者不作推荐。", name=unmet[0])
    promotion = Promotion(
        honour=honour,
        to=to,
        criteria=lines,
        reason=reason.strip(),
        minute=minute.strip(),
        decided_at=now,
        decided_by=by,
    )
    promotion.full_clean()
    promotion.save()
    _flag(honour)
    audit.record(
        "awards.promote",
        honour,
        by=by,
        now=now,
        to=to,
        criteria=lines,
        reason=promotion.reason,
        minute=promotion.minute,
    )
    return promotion


@transaction.atomic
def end_promotion(promotion: Promotion, *, reason: str, by: Membership, now: datetime) -> Promotion:
    """Take it back, with the reason; the row stays."""
    honour = locked(promotion.honour)
    require(by, "awards.promote", honour)
    promotion = Promotion.objects.select_for_update().get(pk=promotion.pk)
    if promotion.ended_at:
        raise Refused("这一推荐已经取消，不能再次取消。")
    if promotion.outcome:
        raise Refused("这一推荐已经登记结果，不能取消。")
    if not reason.strip():
        raise Refused("请写明取消推荐的理由。")
    end(promotion, reason.strip(), now)
    _flag(honour)
    audit.record(
        "awards.end_promotion", honour, by=by, now=now, to=promotion.to, reason=promotion.ended_reason
    )
    return promotion


@transaction.atomic
def record_outcome(
    promotion: Promotion, *, outcome: str, day: date, number: str = "", by: Membership, now: datetime
) -> Promotion:
    """What came of it, from the paper of those who decided. Entered again, it is put right."""
    honour = locked(promotion.honour)
    require(by, "awards.promote", honour)
    promotion = Promotion.objects.select_for_update().get(pk=promotion.pk)
    if promotion.ended_at:
        raise Refused("这一推荐已经取消，没有结果可以登记。")
    if outcome not in Promotion.Outcome.values:
        raise Refused("请选择推荐的结果。")
    if not localdate(promotion.decided_at) <= day <= localdate(now):
        raise Refused(
            "结果日期应在推荐日期 {day} 以后，且不晚于今天，请核对。", day=localdate(promotion.decided_at)
        )
    if outcome == Promotion.Outcome.ACCEPTED and not number.strip():
        raise Refused("请填写命名的文号，公开的经过里要写明依据。")
    before = [promotion.outcome, str(promotion.outcome_on or ""), promotion.outcome_number]
    promotion.outcome, promotion.outcome_on, promotion.outcome_number = outcome, day, number.strip()
    promotion.full_clean()
    promotion.save()
    after = [promotion.outcome, str(day), promotion.outcome_number]
    audit.record("awards.record_outcome", honour, by=by, now=now, to=promotion.to, before=before, after=after)
    return promotion


def end(promotion: Promotion, reason: str, now: datetime) -> None:
    promotion.ended_at, promotion.ended_reason = now, reason
    promotion.full_clean()
    promotion.save()


def _flag(honour):
    """The two marks are what stands in the lists, kept for exports and the registry."""
    standing = set(honour.promotions.filter(ended_at__isnull=True).values_list("to", flat=True))
    for to, name in FLAGS.items():
        setattr(honour, name, to in standing)
    honour.save(update_fields=list(FLAGS.values()))
