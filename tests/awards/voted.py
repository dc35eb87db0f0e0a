"""An edition whose review and poll are closed: results frozen by hand, states reached by those who may."""

import hashlib
import json
from decimal import Decimal
from fractions import Fraction

from django.db import transaction

from nominations.services.editions import freeze_rules
from nominations.services.steps import close_step
from nominations.states import StepKind
from review.models import Result as ReviewResult
from review.models import ResultRow as ReviewRow
from tests import factories as make
from tests.moments import NOW
from voting.models import Result as VoteResult
from voting.models import ResultRow as VoteRow

DIMENSIONS = ("mechanism", "platform", "effect")
STATE_OWNED = {"nature": "国有"}
RECOGNISED = {"key_industry": "新一代信息技术", "recognitions": ["高新技术企业"]}

# name: expert score, picks, what was declared. 70 % and 30 %: A 93, B 71, C 70, D 70, E 45.
FIELD = {
    "A": ("90", 100, {}),
    "B": ("80", 50, {}),
    "C": ("70", 70, {}),
    "D": ("73", 63, {}),
    "E": ("60", 10, {}),
}


@transaction.atomic
def voted(field=FIELD, *, host="city", now=NOW, **fields):
    """The edition (2 seats, so 3 are inspected) and its nominations by name; four steps closed."""
    edition = make.edition(host=host, **fields)
    office = make.hat("office", host)
    nominations = {
        name: make.nomination(
            edition,
            make.enterprise(name=f"演示{name}企业（演示）"),
            state="voting",
            now=now,
            **declared,
        )
        for name, (_score, _picks, declared) in field.items()
    }
    freeze_rules(edition, by=office, now=now)
    freeze_review(edition, {nominations[n]: score for n, (score, _p, _d) in field.items()}, office, now)
    freeze_vote(edition, {nominations[n]: picks for n, (_s, picks, _d) in field.items()}, office, now)
    for kind in (StepKind.RECOMMENDATION, StepKind.SCREENING, StepKind.REVIEW, StepKind.VOTING):
        close_step(edition, kind, by=office, now=now)
    edition.refresh_from_db()
    return edition, nominations


def digest(inputs):
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def freeze_review(edition, scores, office, now, *, nominee=True):
    """Three equal sheets each, so that the mean is the score itself."""
    inputs = {
        "format": "xuanshu-review/1",
        "rules": {
            "dimension_weights": {"mechanism": "35", "platform": "30", "effect": "35"},
            "min_sheets": 3,
            "trim_from": 5,
            "nominees": edition.nominees if nominee else 0,
        },
        "nominations": {
            str(each.pk): {
                "enterprise": each.subject_name,
                "credit_code": each.enterprise.credit_code,
                "sheets": [
                    {
                        "expert": code,
                        "valid": True,
                        "status": "valid",
                        "scores": dict.fromkeys(DIMENSIONS, score),
                    }
                    for code in ("E01", "E02", "E03")
                ]
                + [{"expert": "E04", "valid": False, "status": "recused"}],
            }
            for each, score in scores.items()
        },
    }
    result = ReviewResult.objects.create(
        edition=edition, inputs=inputs, digest=digest(inputs), frozen_at=now, frozen_by=office
    )
    exacts = [Fraction(score) for score in scores.values()]
    for each, exact in zip(scores, exacts, strict=True):
        ReviewRow.objects.create(
            result=result,
            nomination=each,
            score=exact,
            mean=exact,
            median=exact,
            deviation=Decimal(0),
            sheets=3,
            rank=1 + sum(other > exact for other in exacts),
            nominee=nominee,
        )


def freeze_vote(edition, picks, office, now):
    inputs = {"picks": {each.subject_key: number for each, number in picks.items()}}
    result = VoteResult.objects.create(
        edition=edition,
        cast=max(picks.values()),
        set_aside=0,
        inputs=inputs,
        digest=digest(inputs),
        frozen_at=now,
        frozen_by=office,
    )
    most = max(picks.values())
    for place, (each, number) in enumerate(picks.items(), start=1):
        VoteRow.objects.create(
            result=result, nomination=each, picks=number, score=Fraction(100 * number, most), rank=place
        )
