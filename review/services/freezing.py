"""Closing the review: the result is frozen with its inputs, read again, recomputed where it is doubted."""

import hashlib
import json
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.db import transaction

from nominations.models import Edition
from nominations.rules import competition_ranks
from nominations.services import advance
from nominations.services.editions import rules_of
from nominations.services.steps import close_step, require_open
from nominations.states import State, StepKind
from portal import audit
from portal.figures import exact_text, fraction_text, two_places
from portal.models import Membership
from portal.permissions import require
from portal.sentences import Sentence, sentence
from review import rules
from review.models import Assignment, Result, ResultRow
from review.services.assigning import freeze_without_vote
from review.services.discussed import put_back, waiting_of
from review.services.office_sight import refuse_hidden
from review.services.reviewing import VALID, Marks, ReviewPreview, Standing, preview_review


def standings_of(edition: Edition) -> list[Standing]:
    """The frozen result where there is one, else what it would be now; best first."""
    result = Result.objects.filter(edition=edition).first()
    return _frozen(result) if result else preview_review(edition).standings


def _frozen(result: Result) -> list[Standing]:
    """The result as it stands in its rows; the sheets as they stand in its inputs."""
    rule, rows = result.inputs["rules"], result.rows.select_related("nomination__enterprise")
    weights = {code: Decimal(weight) for code, weight in rule["dimension_weights"].items()}
    cut = min((row.score for row in rows if row.nominee), default=None)
    standings = []
    for row in rows:
        sheets = result.inputs["nominations"][str(row.nomination_id)]["sheets"]
        marks = [_read(sheet, weights) for sheet in sheets]
        totals = sorted(each.total for each in marks if each.status == VALID)
        trimmed = rule["trim_from"] is not None and row.sheets >= rule["trim_from"]
        outcome = rules.ExpertScore(
            row.score,
            row.sheets,
            totals[0] if trimmed else None,
            totals[-1] if trimmed else None,
            row.mean,
            row.median,
            Fraction(row.deviation) ** 2,
        )
        missed_by = cut - row.score if cut is not None and not row.nominee else None
        standings.append(Standing(row.nomination, marks, outcome, row.rank, row.nominee, missed_by))
    return standings


def _read(sheet: dict, weights) -> Marks:
    if not sheet["valid"]:
        return Marks(sheet["expert"], sheet["status"])
    points = {code: Decimal(value) for code, value in sheet["scores"].items()}
    return Marks(sheet["expert"], VALID, points, rules.sheet_total(points, weights))


@transaction.atomic
def close_review(edition: Edition, *, by: Membership, now: datetime) -> Result:
    """S1 四.3③: the nominees go to the vote, the others end here; the result is frozen with its inputs.

    委员会决定: where no vote follows, nobody moves: all stay, in the order of their scores.
    """
    require(by, "review.close_review", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.REVIEW)
    freeze_without_vote(edition, by=by, now=now)
    # Nominations first, then sheets: who is saving now is waited for, who comes later finds it closed.
    held = [
        each.pk
        for each in edition.nominations.filter(state=State.REVIEW)
        .select_for_update(of=("self",))
        .order_by("pk")
    ]
    list(Assignment.objects.filter(nomination__in=held).select_for_update(of=("self",)).order_by("pk"))
    refuse_hidden(by, edition)
    preview = preview_review(edition, now=now)
    if preview.blocked:
        raise preview.blocked
    # What counts as it stood before the discussion says so from now on.
    for row in waiting_of(edition):
        put_back(row)
    result = _freeze(preview, by=by, now=now)
    moving = preview.standings if preview.has_vote else []
    for each in sorted(moving, key=lambda each: each.nomination.pk):
        if each.nominee:
            advance(each.nomination, "put_to_vote", by=by, now=now)
        else:
            advance(each.nomination, "reject", by=by, now=now, note=str(why_not(each, preview.cut)))
    close_step(edition, StepKind.REVIEW, by=by, now=now)
    audit.record(
        "review.close_review",
        edition,
        by=by,
        now=now,
        digest=result.digest,
        nominees=[each.nomination.subject_key for each in preview.nominees],
        cut="" if preview.cut is None else str(preview.cut),
        unfinished=preview.unfinished,
        left=preview.left,
        recused=preview.recused,
    )
    return result


def why_not(standing: Standing, cut: Fraction) -> Sentence:
    """Rank, score and distance to the cut; exact where two places would hide the difference."""
    shown = two_places if two_places(standing.missed_by) else exact_text
    return sentence(
        "专家评审第 {rank} 名，得分 {score}，低于提名的最后得分 {cut}，相差 {gap}。",
        rank=standing.rank,
        score=shown(standing.outcome.score),
        cut=shown(cut),
        gap=shown(standing.missed_by),
    )


def inputs_of(preview: ReviewPreview) -> dict:
    """All that the result follows from, as plain values: the rules, and each nomination's sheets."""
    rule = rules_of(preview.edition) | ({} if preview.has_vote else {"nominees": 0})
    return {
        "format": "xuanshu-review/1",
        "rules": {key: rule[key] for key in ("dimension_weights", "min_sheets", "trim_from", "nominees")},
        "nominations": {
            str(each.nomination.pk): {
                "enterprise": each.nomination.subject_name,
                "credit_code": each.nomination.enterprise.credit_code,
                "sheets": [marks.as_input() for marks in each.marks],
            }
            for each in preview.standings
        },
    }


def digest_of(inputs: dict) -> str:
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _freeze(preview: ReviewPreview, *, by, now) -> Result:
    inputs = inputs_of(preview)
    result = Result.objects.create(
        edition=preview.edition, inputs=inputs, digest=digest_of(inputs), frozen_at=now, frozen_by=by
    )
    ResultRow.objects.bulk_create(
        ResultRow(
            result=result,
            nomination=each.nomination,
            score=each.outcome.score,
            mean=each.outcome.mean,
            median=each.outcome.median,
            deviation=_root(each.outcome.variance),
            sheets=each.outcome.valid,
            rank=each.rank,
            nominee=each.nominee,
        )
        for each in preview.standings
    )
    return result


def _root(variance: Fraction) -> Decimal:
    root = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
    return root.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def verify(result: Result) -> list[Sentence]:
    """Recompute the result from its frozen inputs alone; every difference from its rows, none where equal."""
    inputs, wrong = result.inputs, []
    if digest_of(inputs) != result.digest:
        wrong.append(sentence("冻结的输入与摘要 {digest} 不符。", digest=result.digest))
    rule = inputs["rules"]
    weights = {code: Decimal(weight) for code, weight in rule["dimension_weights"].items()}
    outcomes, names = {}, {}
    for key, each in inputs["nominations"].items():
        totals = [mark.total for sheet in each["sheets"] if (mark := _read(sheet, weights)).status == VALID]
        outcomes[key] = rules.expert_score(totals, min_sheets=rule["min_sheets"], trim_from=rule["trim_from"])
        names[key] = each["enterprise"]
    scores = {key: each.score for key, each in outcomes.items() if each.score is not None}
    ranks, chosen = competition_ranks(scores), set(rules.nominees(scores, rule["nominees"]).chosen)
    rows = {str(row.nomination_id): row for row in result.rows.all()}
    for key in sorted(set(outcomes) | set(rows), key=int):
        wrong += _row_against(
            names.get(key, key), rows.get(key), outcomes.get(key), ranks.get(key), key in chosen
        )
    return wrong


def _row_against(name, row, outcome, rank, nominee) -> list[Sentence]:
    if row is None or outcome is None or outcome.score is None:
        return [sentence("“{name}”在冻结的输入和成绩中不是两边都有。", name=name)]
    pairs = (
        ("score", row.score, outcome.score),
        ("mean", row.mean, outcome.mean),
        ("median", row.median, outcome.median),
        ("deviation", row.deviation, _root(outcome.variance)),
        ("sheets", row.sheets, outcome.valid),
        ("rank", row.rank, rank),
        ("nominee", row.nominee, nominee),
    )
    return [
        sentence(
            "“{name}”的{field}：冻结的是 {frozen}，重新计算得 {computed}。",
            name=name,
            field=str(ResultRow._meta.get_field(field).verbose_name),
            frozen=_plain(frozen),
            computed=_plain(computed),
        )
        for field, frozen, computed in pairs
        if frozen != computed
    ]


def _plain(value) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return fraction_text(value) if isinstance(value, Fraction) else str(value)
