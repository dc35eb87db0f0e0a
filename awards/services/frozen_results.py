"""What a ranking is computed from: the frozen results of the steps an edition has, read and checked."""

import hashlib
from decimal import Decimal
from fractions import Fraction

from awards import resultfile
from awards.resultform import Entry, Settings, Sheet
from awards.rules import Rules
from nominations.models import Edition
from nominations.rules import is_private, recognised_key_industry
from nominations.services.editions import rules_digest, rules_of
from nominations.services.last_step import ranked_at
from nominations.states import State, StepKind
from portal.errors import N_, Refused

#: The frozen result of each step that scores.
RESULTS = {StepKind.REVIEW: "review_result", StepKind.VOTING: "vote_result"}


def waiting(edition: Edition) -> list[str]:
    """The steps that score and whose result is not frozen yet."""
    return [kind for kind, name in RESULTS.items() if edition.has(kind) and not hasattr(edition, name)]


def speaking(edition: Edition) -> list[str]:
    """The tie rules of the edition that can part anybody: the expert score only beside another score."""
    both = edition.has(StepKind.REVIEW) and edition.has(StepKind.VOTING)
    return [name for name in edition.tie_break if both or name != "expert_score"]


def name_of(edition: Edition) -> str:
    """What the edition calls the list."""
    return N_("考察名单") if edition.has(StepKind.INSPECTION) else N_("综合排序")


def digests(edition) -> dict[str, str]:
    """What the list follows from, by the digests it was frozen with."""
    results = {"review": StepKind.REVIEW, "vote": StepKind.VOTING}
    held = {name: result_of(edition, kind).digest for name, kind in results.items() if edition.has(kind)}
    return {**held, "rules": edition.digest}


def standing(edition) -> tuple[str, str]:
    """Who is still in the selection after it was scored: withdrawn and refused ones are ranked no more."""
    return (ranked_at(edition).kind, State.INSPECTION)


def result_of(edition: Edition, kind: str):
    """The frozen result of a step that scores; None where the edition leaves it out."""
    return getattr(edition, RESULTS[kind]) if edition.has(kind) else None


def rows_of(edition):
    """The rows of the last step that scores: those who are ranked stand in them."""
    return result_of(edition, ranked_at(edition).kind).rows


def settings_of(edition: Edition) -> Settings:
    """The edition's rules as the result file states them."""
    rules = rules_of(edition)
    reviewed, inspected = edition.has(StepKind.REVIEW), edition.has(StepKind.INSPECTION)
    weights = rules["dimension_weights"] if reviewed else {}
    return Settings(
        rules=Rules(
            seats=edition.seats,
            ratio=Fraction(edition.ratio) if inspected else Fraction(1),
            expert_weight=Fraction(edition.expert_weight),
            vote_weight=Fraction(edition.vote_weight),
            tie_break=tuple(edition.tie_break),
            inspected=inspected,
        ),
        dimension_weights={code: Decimal(weight) for code, weight in weights.items()},
        min_sheets=edition.min_sheets if reviewed else None,
        trim_from=edition.trim_from if reviewed else None,
        steps=tuple(str(kind) for kind in edition.enabled),
    )


def entries_of(edition: Edition) -> list[Entry]:
    """Those that were scored to the end, with the sheets and the picks as they were frozen.

    One that withdrew or was refused since then is no longer among them.
    """
    review, voted = result_of(edition, StepKind.REVIEW), edition.has(StepKind.VOTING)
    rows = (
        rows_of(edition)
        .filter(nomination__state__in=standing(edition))
        .select_related("nomination__enterprise", "nomination__declaration")
        .order_by("nomination_id")
    )
    return [
        Entry(
            id=row.nomination_id,
            enterprise=row.nomination.subject_name,
            credit_code=row.nomination.enterprise.credit_code,
            private=is_private(row.nomination.declaration.nature),
            recognised_key_industry=recognised_key_industry(
                row.nomination.declaration.key_industry, row.nomination.declaration.recognitions
            ),
            sheets=_sheets(review, row.nomination_id),
            picks=row.picks if voted else None,
        )
        for row in rows
    ]


def _sheets(review, nomination: int) -> tuple[Sheet, ...] | None:
    if review is None:
        return None
    return tuple(_sheet(sheet) for sheet in review.inputs["nominations"][str(nomination)]["sheets"])


def _sheet(facts: dict) -> Sheet:
    scores = facts.get("scores")
    return Sheet(
        expert=facts["expert"],
        valid=facts["valid"],
        scores={code: Decimal(points) for code, points in scores.items()} if scores else None,
    )


def check_frozen(edition: Edition) -> None:
    """The rules and the results must still be what they were frozen as."""
    review, vote = result_of(edition, StepKind.REVIEW), result_of(edition, StepKind.VOTING)
    results = ((N_("专家评审结果"), review), (N_("公众投票结果"), vote))
    for name, told, held in (
        (N_("评选规则"), edition.digest, rules_digest(edition)),
        *((name, each.digest, _digest(each.inputs)) for name, each in results if each is not None),
    ):
        if told != held:
            raise Refused("{name}与冻结时的摘要不符，请停止办理并请监督人员核查留痕记录。", name=name)
    if vote is not None:
        _check_picks(vote)


def _check_picks(vote) -> None:
    picks = dict(vote.rows.values_list("nomination__subject_key", "picks"))
    if any(vote.inputs["picks"].get(key) != number for key, number in picks.items()):
        raise Refused("公众投票各行与冻结的计票不符，请停止办理并请监督人员核查留痕记录。")


def _digest(inputs: dict) -> str:
    return hashlib.sha256(resultfile.canonical(inputs)).hexdigest()


def check_scores(edition, rows):
    """The sheets of the frozen review must come to the frozen scores; anything else is a broken record."""
    if not edition.has(StepKind.REVIEW):
        return
    frozen = dict(edition.review_result.rows.values_list("nomination_id", "score"))
    for row in rows:
        if frozen[row.id] != row.expert_score:
            raise Refused("冻结的专家得分与评分表复算不一致，请停止办理并请监督人员核查留痕记录。")
