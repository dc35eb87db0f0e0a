"""An edition whose list is visited, with departments that can be asked again about what a visit found."""

from datetime import timedelta
from types import SimpleNamespace

from django.db import transaction

from awards.models import CheckLine, Inspection
from awards.services import referring
from nominations.models import Nomination
from nominations.services.steps import close_step
from portal.models import Organisation
from review import services
from review.models import Consultation
from tests import factories
from tests.awards import stage

NOW = stage.PUBLISHING
ASKED = (("dept-kjj", "misconduct"), ("dept-yjj", "accident"), ("dept-fgw", "overall"))


@transaction.atomic
def visited(ranks=(1, 2, 3), **fields) -> SimpleNamespace:
    """Everyone visited, the first with a material and a minor difference; the inspection is open."""
    edition = stage.visited(ranks, close=False, **fields)
    office, second = factories.hat("office"), factories.hat("office", username="office-2")
    for kind in stage.EARLIER:
        close_step(edition, kind, by=office, now=NOW)
    for code, item in ASKED:
        Consultation.objects.create(
            edition=edition, department=Organisation.objects.get(code=code), item=item
        )
    visit = visit_at(edition, 1)
    for position, (key, agrees, weight) in enumerate(
        (("employees", False, "material"), ("union", True, ""), ("share", False, "minor")), start=1
    ):
        CheckLine.objects.create(
            inspection=visit,
            key=key,
            item=f"演示核对项{position}",
            claimed="300",
            found="260" if agrees is False else "",
            agrees=agrees,
            difference="少 40 人" if agrees is False else "",
            weight=weight,
            position=position,
        )
    return SimpleNamespace(edition=edition, office=office, second=second, visit=visit)


def visit_at(edition, rank) -> Inspection:
    return Inspection.objects.get(nomination__edition=edition, nomination__shortlist_row__rank=rank)


def refer(
    place, visit=None, *, items=("misconduct",), lines=(), reason="演示理由：职工人数不实", by=None, **more
):
    return referring.refer(
        visit or place.visit, items=items, lines=lines, reason=reason, by=by or place.office,
        **{"now": NOW} | more,
    )  # fmt: skip


def answer(place, referral, item="misconduct", said="clear", explanation=""):
    question = Consultation.objects.get(edition=place.edition, item=item)
    hat = factories.hat("department", question.department)
    nomination = Nomination.objects.get(pk=referral.nomination_id)
    return services.answer(
        nomination, question, by=hat, now=NOW + timedelta(minutes=5), answer=said, explanation=explanation
    )


def settle(place, referral, outcome="cleared", *, reason="演示理由：部门核实无误", by=None, **more):
    return referring.settle(
        referral, outcome=outcome, reason=reason, by=by or place.second, **{"now": NOW} | more
    )


def state_of(nomination) -> str:
    return Nomination.objects.get(pk=nomination.pk).state
