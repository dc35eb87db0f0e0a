"""推荐: what a recommender puts forward within its quota, one or several at once, after a preview."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from nominations import rules
from nominations.folder import RECOMMENDERS_OWN
from nominations.models import Edition, Evidence, Nomination, Recommendation
from nominations.services.completeness import EVIDENCE, missing_evidence_of, missing_fields_of
from nominations.services.declaring import seal
from nominations.services.evidence import attach_evidence
from nominations.services.moves import advance
from nominations.services.quotas import QuotaLine, quota_lines
from nominations.services.ranking import by_rank
from nominations.services.windows import require_window
from nominations.states import State
from portal.errors import N_, Listing, Refused
from portal.models import Membership
from portal.permissions import require

PROOF_TITLE = "推荐单位公示证明"


@dataclass(frozen=True)
class RecommendLine:
    """One nomination: the place it will have, and what stands in its way."""

    nomination: Nomination
    rank: int
    blocks: list[Refused]


@dataclass(frozen=True)
class RecommendPreview:
    rows: list[RecommendLine]
    lines: list[QuotaLine]
    over_quota: list[Refused]

    @property
    def nominations(self) -> list[Nomination]:
        return [row.nomination for row in self.rows]

    @property
    def blocks(self) -> list[Refused]:
        return [*(block for row in self.rows for block in row.blocks), *self.over_quota]


def preview_recommend(nominations: Iterable[Nomination], *, on_paper: bool = False) -> RecommendPreview:
    """What recommending these would do, and what stands in the way of each. Reads only.

    `on_paper`: the union has signed a list; the papers behind it are with the union.
    """
    rows, lines, over = sorted(nominations, key=by_rank), [], []
    last = {}
    for edition, recommender, adding in _groups(rows):
        line = quota_lines(edition, recommender)[0]
        lines.append(line)
        last[edition.pk, recommender.pk] = _last_rank(edition, recommender)
        try:
            rules.check_quota(line.number, line.used, adding, recommender=recommender.name)
        except Refused as refusal:
            over.append(refusal)
    found = []
    for row in rows:
        rank = row.rank
        if rank is None:
            rank = last[row.edition_id, row.recommender_id] = last[row.edition_id, row.recommender_id] + 1
        found.append(RecommendLine(row, rank, _blocks(row, on_paper)))
    return RecommendPreview(found, lines, over)


@transaction.atomic
def recommend(
    nominations: Iterable[Nomination],
    *,
    by: Membership,
    now: datetime,
    opinion: str = "",
    opinions: Mapping[int, str] | None = None,
    publicity_from: date | None = None,
    publicity_to: date | None = None,
    proof=None,
    on_paper: bool = False,
) -> list[Nomination]:
    """Recommend one or several, all or none, within the quota of each recommender.

    `opinions` (nomination id → words) goes before the one opinion for all. `proof` is the file that proves
    the recommender's own publicity; it is kept with each. `on_paper` as in the preview.
    """
    ids = sorted({each.pk for each in nominations})
    if not ids:
        raise Refused("请先选择要推荐的企业。")
    # Two people taking the last place wait for one another here, and for whoever sets a first quota.
    editions = Nomination.objects.filter(pk__in=ids).values("edition")
    list(Edition.objects.select_for_update(no_key=True).filter(pk__in=editions).order_by("pk"))
    # Locked first and read after: what was joined while waiting would be what stood before the wait.
    chosen = Nomination.objects.filter(pk__in=ids).order_by("pk")
    list(chosen.select_for_update(of=("self",)).values_list("pk", flat=True))
    rows = list(
        chosen.select_related(
            "edition__host", "edition__category", "enterprise", "recommender", "declaration"
        ).prefetch_related("evidence")
    )
    for row in rows:
        require(by, "nominations.recommend", row)
    said = {row.pk: ((opinions or {}).get(row.pk) or opinion).strip() for row in rows}
    if without := [row.subject_name for row in rows if not said[row.pk]]:
        raise Refused("请填写推荐意见：{names}。", names=Listing(without))
    for edition in {row.edition_id: row.edition for row in rows}.values():
        require_window(edition, by=by, now=now)
    preview = preview_recommend(rows, on_paper=on_paper)
    if preview.blocks:
        raise preview.blocks[0]
    shown = _Publicity(publicity_from, publicity_to, proof, by, now)
    if not on_paper:
        shown.check(rows)
    return [
        _recommend_one(line, said[line.nomination.pk], shown, by=by, now=now, on_paper=on_paper)
        for line in preview.rows
    ]


def needs_publicity(edition: Edition) -> bool:
    return Evidence.Kind.NOTICE in edition.evidence_required


class _Publicity:
    """A recommender's own publicity of what it recommends: its days, and one paper that proves it."""

    def __init__(self, start, end, proof, by, now):
        self.start, self.end, self.proof, self.by, self.now = start, end, proof, by, now

    def check(self, rows) -> None:
        today = timezone.localdate(self.now)
        for row in rows:
            rules.check_publicity(
                self.start,
                self.end,
                has_proof=bool(self.proof) or self._kept(row) is not None,
                required=needs_publicity(row.edition),
                today=today,
            )

    def paper_of(self, row) -> Evidence | None:
        """The proof as it stands with this nomination; attached, where it is not there already."""
        if not self.proof:
            return self._kept(row) if self.start else None
        self.proof.seek(0)
        same = row.evidence.current().filter(sha256=hashlib.sha256(self.proof.read()).hexdigest()).first()
        self.proof.seek(0)
        return same or attach_evidence(
            row, by=self.by, now=self.now, kind=Evidence.Kind.NOTICE, title=PROOF_TITLE, file=self.proof
        )

    @staticmethod
    def _kept(row) -> Evidence | None:
        return row.evidence.current().filter(kind=Evidence.Kind.NOTICE).order_by("-pk").first()


def _recommend_one(line, opinion, shown, *, by, now, on_paper) -> Nomination:
    row = line.nomination
    if row.rank is None:
        row.rank = line.rank
        row.save(update_fields=["rank"])
    Recommendation.objects.create(
        nomination=row,
        opinion=opinion,
        recommended_at=now,
        recommended_by=by,
        publicity_from=shown.start,
        publicity_to=shown.end,
        publicity=None if on_paper else shown.paper_of(row),
    )
    sealed = seal(row)
    detail = {"version": sealed["version"], "digest": sealed["digest"]}
    return advance(row, "recommend", by=by, now=now, note=opinion, detail=detail)


def _blocks(row: Nomination, on_paper: bool) -> list[Refused]:
    if row.state != State.RECOMMENDATION:
        return [
            Refused(
                N_("“{name}”现处于“{state}”环节，不能推荐。"),
                name=row.subject_name,
                state=str(row.state_label),
            )
        ]
    missing = missing_fields_of(row)
    if not on_paper:
        missing += _papers_missing(row)
    if missing:
        titles = Listing(each.title for each in missing)
        return [Refused(N_("“{name}”的申报表还缺：{missing}。"), name=row.subject_name, missing=titles)]
    return []


def _papers_missing(row: Nomination) -> list[rules.Missing]:
    """What the enterprise owes; the recommender's own papers come with the recommendation."""
    own = {f"{EVIDENCE}{kind}" for kind in RECOMMENDERS_OWN}
    return [each for each in missing_evidence_of(row) if each.field not in own]


def _last_rank(edition, recommender) -> int:
    live = Nomination.objects.filter(edition=edition, recommender=recommender).live()
    return live.aggregate(last=Max("rank"))["last"] or 0


def _groups(rows):
    groups = defaultdict(list)
    for row in rows:
        groups[row.edition_id, row.recommender_id].append(row)
    return [(each[0].edition, each[0].recommender, len(each)) for _key, each in sorted(groups.items())]
