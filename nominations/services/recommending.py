"""What the recommender does: rank, recommend within the quota, send back."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from nominations import rules
from nominations.models import Edition, Nomination, Quota, Recommendation, Return
from nominations.services.declaring import locked, missing_of
from nominations.services.moves import advance
from nominations.services.quotas import QuotaLine, quota_lines
from nominations.services.steps import require_open
from nominations.services.windows import require_window
from nominations.states import ENDINGS, State, StepKind
from portal import audit
from portal.errors import N_, Listing, Refused
from portal.models import Membership, Organisation, Role
from portal.notify import notify
from portal.permissions import require


@dataclass(frozen=True)
class RecommendPreview:
    nominations: list[Nomination]
    lines: list[QuotaLine]
    blocks: list[Refused]


@transaction.atomic
def set_ranks(
    edition: Edition, recommender: Organisation, ordered_ids: Iterable[int], *, by: Membership, now: datetime
) -> list[Nomination]:
    """Put a recommender's nominations in order, 1 to n; the list must be all of them."""
    ids = [int(pk) for pk in ordered_ids]
    rows = {
        row.pk: row
        for row in edition.nominations.select_for_update(of=("self",))
        .filter(recommender=recommender)
        .exclude(state__in=ENDINGS)
        .order_by("pk")
    }
    for row in rows.values():
        require(by, "nominations.rank", row)
    require_window(edition, by=by, now=now)
    if len(ids) != len(set(ids)) or set(ids) != set(rows):
        raise Refused("推荐名单刚刚有变动，排序没有保存。请刷新页面后重新排序。")
    for rank, pk in enumerate(ids, start=1):
        row = rows[pk]
        if row.rank != rank:
            before, row.rank = row.rank, rank
            row.save(update_fields=["rank"])
            audit.record("nominations.rank", row, by=by, now=now, before=before, after=rank)
    return [rows[pk] for pk in ids]


def preview_recommend(nominations: Iterable[Nomination]) -> RecommendPreview:
    """What recommending these would do, and what stands in the way. Reads only."""
    rows = sorted(nominations, key=lambda each: (each.rank is None, each.rank or 0, each.pk))
    blocks, lines = [], []
    for row in rows:
        if row.state != State.RECOMMENDATION:
            blocks.append(
                Refused(
                    N_("“{name}”现处于“{state}”环节，不能推荐。"),
                    name=row.subject_name,
                    state=str(row.state_label),
                )
            )
        elif missing := missing_of(row):
            blocks.append(
                Refused(
                    N_("“{name}”的申报表还缺：{missing}。"),
                    name=row.subject_name,
                    missing=Listing(each.title for each in missing),
                )
            )
    for edition, recommender, adding in _groups(rows):
        line = quota_lines(edition, recommender)[0]
        lines.append(line)
        try:
            rules.check_quota(line.number, line.used, adding, recommender=recommender.name)
        except Refused as refusal:
            blocks.append(refusal)
    return RecommendPreview(rows, lines, blocks)


@transaction.atomic
def recommend(
    nominations: Iterable[Nomination], *, by: Membership, now: datetime, opinion: str
) -> list[Nomination]:
    """Recommend one or several, all or none, within the quota of each recommender."""
    if not opinion.strip():
        raise Refused("请填写推荐意见。")
    ids = sorted({each.pk for each in nominations})
    if not ids:
        raise Refused("请先选择要推荐的企业。")
    rows = list(
        Nomination.objects.select_for_update(of=("self",))
        .select_related("edition", "enterprise", "recommender", "declaration")
        .filter(pk__in=ids)
        .order_by("pk")
    )
    for row in rows:
        require(by, "nominations.recommend", row)
    for edition in {row.edition_id: row.edition for row in rows}.values():
        require_window(edition, by=by, now=now)
    # Two people taking the last place wait for one another here.
    for edition, recommender, _adding in _groups(rows):
        Quota.objects.select_for_update().filter(edition=edition, organisation=recommender).first()
    preview = preview_recommend(rows)
    if preview.blocks:
        raise preview.blocks[0]
    return [_recommend_one(row, by, now, opinion.strip()) for row in preview.nominations]


def _recommend_one(row, by, now, opinion) -> Nomination:
    if row.rank is None:
        live = Nomination.objects.filter(edition=row.edition, recommender=row.recommender).live()
        row.rank = (live.aggregate(last=Max("rank"))["last"] or 0) + 1
        row.save(update_fields=["rank"])
    Recommendation.objects.create(nomination=row, opinion=opinion, recommended_at=now, recommended_by=by)
    return advance(row, "recommend", by=by, now=now, note=opinion)


@transaction.atomic
def send_back(
    nomination: Nomination, *, by: Membership, now: datetime, reason: str, deadline: date
) -> Return:
    """Send a nomination back to be mended: why, and by when. From screening only the office does."""
    nomination = locked(nomination)
    require(by, "nominations.send_back", nomination)
    if nomination.state == State.SCREENING and by.role == Role.RECOMMENDER:
        raise Refused("“{name}”已报办公室，退回补正由办公室办理。", name=nomination.subject_name)
    if not reason.strip():
        raise Refused("退回需要写明理由。")
    if deadline < timezone.localdate(now):
        raise Refused("补正期限不能早于今天。")
    from_state = nomination.state
    if from_state in (State.RECOMMENDATION, State.SCREENING):
        require_open(nomination.edition, StepKind(from_state))
    note = reason.strip()
    nomination = advance(nomination, "send_back", by=by, now=now, note=note)
    back = Return.objects.create(
        nomination=nomination,
        from_state=from_state,
        reason=note,
        deadline=deadline,
        returned_at=now,
        returned_by=by,
    )
    notify(
        "nominations.send_back",
        hats_below(nomination, by),
        subject=f"{nomination.subject_name}被退回，请于{deadline.month}月{deadline.day}日前补正",
        body=note,
        url=nomination.get_absolute_url(),
        now=now,
        nomination=nomination,
    )
    return back


def hats_below(nomination: Nomination, by: Membership) -> list[Membership]:
    """Those who mend: the enterprise's own people, and the recommender's unless it is they who ask."""
    hats = []
    if nomination.enterprise.organisation_id:
        own = Membership.objects.at(nomination.enterprise.organisation, Role.APPLICANT)
        hats += own.select_related("user")
    if by.role != Role.RECOMMENDER:
        hats += Membership.objects.at(nomination.recommender, Role.RECOMMENDER).select_related("user")
    return hats


def _groups(rows):
    groups = defaultdict(list)
    for row in rows:
        groups[row.edition_id, row.recommender_id].append(row)
    return [(each[0].edition, each[0].recommender, len(each)) for _key, each in sorted(groups.items())]
