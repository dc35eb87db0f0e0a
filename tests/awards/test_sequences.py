"""Objections, replacements, withdrawals, re-checks, referrals, corrections, namings in any order.

The portal and a model of plain sets agree on every yes and no and on who stands where, and nothing that must
always hold is broken after any of it. `SEQUENCES=2000` for the long run (bench/RESULTS.md).
"""

import os
from collections import defaultdict
from datetime import date, datetime, time

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awards.models import Inspection, Notice, Objection, Referral
from awards.services import (
    closing_inspection,
    correcting,
    ending_publicity,
    handling,
    inspecting,
    lodging,
    looks,
    naming,
    publishing,
    referring,
    shortlisting,
    topping_up,
)
from awards.services.standing_list import free_places_of
from nominations.models import Nomination
from nominations.services.declaring import withdraw
from portal import invariants
from portal.errors import Refused
from portal.models import Organisation
from review import services as reviewing
from review.models import Consultation
from tests import factories
from tests.awards.sequence_model import DRAWN, RANKS, SEATS, Model
from tests.awards.voted import voted
from tests.moments import NOW

pytestmark = pytest.mark.django_db
MOST = int(os.environ.get("SEQUENCES", "40"))
START = date(2026, 9, 14)
#: The chain of the record is closed at commit, which never comes here.
LOOKED_AT = [check.name for check in invariants.all_checks() if check.name != "record_chain_holds"]
FIELD = {name: (str(95 - 5 * n), 95 - 5 * n, {}) for n, name in enumerate("ABCDEF")}

ranks = st.sampled_from(RANKS)
some = st.lists(ranks, min_size=1, max_size=3, unique=True)
acts = st.one_of(
    st.tuples(st.just("withdraw"), ranks),
    st.tuples(st.just("top_up"), ranks),
    st.tuples(st.just("refer"), ranks),
    st.tuples(st.just("answer"), ranks, st.sampled_from(["clear", "clear", "problem"])),
    st.tuples(st.just("settle"), ranks, st.booleans()),
    st.tuples(st.just("look"), ranks, st.booleans()),
    st.tuples(st.just("publish"), some),
    st.tuples(st.just("replace"), some),
    st.tuples(st.just("correct"), st.integers(0, 4), some),
    st.tuples(st.just("lodge"), ranks),
    st.tuples(
        st.just("handle"),
        st.integers(0, 5),
        st.sampled_from(["accepted", "accepted", "declined", "upheld", "dismissed", "answered", "answered"]),
    ),
    st.tuples(st.just("wait"), st.integers(1, 15)),
    st.tuples(st.just("wait"), st.integers(1, 15)),
    st.tuples(st.just("name"), st.one_of(st.none(), st.none(), some)),
    st.tuples(st.just("close_publicity")),
)
# Most of it comes after the visits: a short beginning, then the list as the ranks have it or another. Half of
# them are brought to a naming: every objection is answered, the period is over; and then it goes on.
sequences = st.tuples(
    st.sampled_from([set(), {2}, {3}]),
    st.lists(acts, max_size=5),
    st.booleans(),
    st.one_of(st.none(), some),
    st.lists(acts, min_size=3, max_size=16),
    st.booleans(),
    st.lists(acts, max_size=10),
)


class Portal:
    """The same acts, by the services, at ten in the morning of the model's day."""

    def __init__(self, edition, office, second, question):
        self.edition, self.office, self.second, self.question = edition, office, second, question
        self.pk = dict(Nomination.objects.filter(edition=edition).values_list("shortlist_row__rank", "pk"))
        self.rank = {pk: rank for rank, pk in self.pk.items()}
        self.minute = 0

    def one(self, rank) -> Nomination:
        return Nomination.objects.get(pk=self.pk[rank])

    def many(self, ranks):
        return [self.pk[rank] for rank in ranks]

    def do(self, day, name, *given):
        # Two acts of a day follow each other.
        self.minute += 1
        moment = datetime.combine(day, time(10 + self.minute // 60, self.minute % 60))
        return getattr(self, name)(*given, by=self.office, now=timezone.make_aware(moment))

    def withdraw(self, rank, **said):
        row = self.one(rank)
        withdraw(row, reason="演示撤回", **said | {"by": factories.hat("recommender", row.recommender)})

    def top_up(self, rank, **said):
        following = topping_up.propose(self.edition).following
        topping_up.top_up(
            self.edition,
            instead_of=self.one(rank),
            chosen=[row.nomination for row in following],
            reason="演示递补",
            **said,
        )
        visited(self.edition, set())

    def refer(self, rank, **said):
        visit = Inspection.objects.filter(nomination=self.pk[rank]).first()
        if visit is None:
            raise Refused("没有考察。")
        referring.refer(visit, items=["misconduct"], reason="演示", **said)

    def answer(self, rank, kind, **said):
        if not Referral.objects.filter(nomination=self.pk[rank], outcome="").exists():
            raise Refused("没有转审。")
        said["by"] = factories.hat("department", self.question.department)
        reviewing.answer(
            self.one(rank), self.question, answer=kind, explanation="" if kind == "clear" else "演示", **said
        )

    def settle(self, rank, cleared, **said):
        referral = Referral.objects.filter(nomination=self.pk[rank], outcome="").first()
        if referral is None:
            raise Refused("没有转审。")
        said["by"] = self.second
        referring.settle(referral, outcome="cleared" if cleared else "refused", reason="演示", **said)

    def close_inspection(self, **said):
        closing_inspection.close_inspection(self.edition, **said)

    def look(self, rank, clear, **said):
        looks.note_looks(
            self.edition,
            nominations=[self.pk[rank]],
            items=["abnormal"],
            looked_up_on=timezone.localdate(said["now"]),
            source="演示名录",
            clear=clear,
            note="" if clear else "演示问题",
            **said,
        )

    def publish(self, chosen, **said):
        words = {"departs": "演示理由", "minute": "演示纪要"}
        publishing.publish_notice(self.edition, chosen=self.many(chosen), **words, **said)

    def replace(self, chosen, **said):
        words = {"departs": "演示理由", "minute": "演示纪要"}
        publishing.publish_replacement(self.edition, chosen=self.many(chosen), **words, **said)

    def notices(self):
        return list(Notice.objects.filter(edition=self.edition).order_by("pk"))

    def correct(self, number, chosen, **said):
        notices = self.notices()
        if number >= len(notices):
            raise Refused("没有公示。")
        words = {"reason": "演示更正", "departs": "演示理由", "minute": "演示纪要"}
        correcting.correct_notice(notices[number], chosen=self.many(chosen), **words, **said)

    def lodge(self, rank, **said):
        notice = Notice.objects.filter(rows__nomination=self.pk[rank], in_force=True).last()
        if notice is None:
            raise Refused("没有公示。")
        said["by"] = factories.hat("public")
        person = {"name": "演示反映人", "contact": "演示路1号 19900000009"}
        lodging.lodge_objection(notice, self.one(rank), **person, grounds="演示事实", **said)

    def handle(self, number, to, **said):
        objection = Objection.objects.order_by("pk")[number]
        words = {"decision": "演示意见", "public_outcome": "演示结果"}
        if to == "accepted":
            handling.accept_objection(objection, **said)
        elif to == "declined":
            handling.decline_objection(objection, reason="演示", public_outcome="演示结果", **said)
        elif to == "answered":
            handling.answer_objection(objection, answer="演示答复", **said)
        else:
            handling.decide_objection(objection, upheld=to == "upheld", **words, **said)

    def name(self, chosen, **said):
        number = f"演示{self.edition.decisions.count() + 1}号"
        naming.name_winners(
            self.edition,
            decision=number,
            chosen=None if chosen is None else self.many(chosen),
            left_reason="演示理由",
            **said,
        )

    def close_publicity(self, **said):
        ending_publicity.close_publicity(self.edition, reason="演示", **said)

    def stands(self) -> dict[int, str]:
        rows = Nomination.objects.filter(edition=self.edition).values_list("pk", "state")
        return {self.rank[pk]: state for pk, state in rows}


def visited(edition, failed):
    """Put verdicts there by hand, as a workbook would."""
    for visit in Inspection.objects.filter(nomination__edition=edition, verdict=""):
        out = visit.nomination.shortlist_row.rank in failed
        Inspection.objects.filter(pk=visit.pk).update(
            verdict="failed" if out else "passed",
            problem="演示问题" if out else "",
            visited_on=START,
            leader_signature="演示组长",
            member_signature="演示组员",
            recorded_at=NOW,
            recorded_by=factories.hat("office", edition.host),
        )


def stage() -> Portal:
    """Six in the vote, three of them on the list, their visits planned; the inspection is open."""
    edition, _nominations = voted(FIELD, nominees=6, seats=SEATS, finding_days=400)
    office = factories.hat("office")
    department = Organisation.objects.get(code="dept-kjj")
    question = Consultation.objects.create(edition=edition, department=department, item="misconduct")
    asked = shortlisting.ask_shortlist(edition, by=office, now=NOW)
    shortlisting.draw_shortlist(asked.pk, now=NOW)
    inspecting.plan_inspections(edition, by=office, now=NOW)
    portal = Portal(edition, office, factories.hat("office", username="office-2"), question)
    assert tuple(sorted(portal.rank[pk] for pk in _listed(edition))) == DRAWN
    return portal


def _listed(edition):
    return Inspection.objects.filter(nomination__edition=edition).values_list("nomination", flat=True)


def perform(portal, model, act):
    """Whether portal and model give the same answer."""
    name, *given_ = act
    if name == "wait":
        portal.minute = 0
        return model.wait(*given_)
    if name == "handle":
        if not model.objections:
            return True
        given_[0] %= len(model.objections)
    expected = getattr(model, name)(*given_)
    try:
        with transaction.atomic():
            portal.do(model.today, name, *given_)
    except (Refused, PermissionDenied):
        return not expected
    return expected


def to_a_naming(model):
    """What leads there from wherever one is: each objection handled to its answer, the time waited for."""
    for number in range(len(model.objections)):
        yield from (("handle", number, to) for to in ("accepted", "dismissed", "answered"))
    yield from (("wait", 15), ("name", None))


def agree(portal, model, before):
    """Who stands where, until when, how many places are free; and nothing is broken."""
    assert portal.stands() == model.at
    assert free_places_of(portal.edition) == model.free
    found = [
        (
            [portal.rank[pk] for pk in each.rows.values_list("nomination", flat=True)],
            each.ends_on,
            each.in_force,
        )
        for each in portal.notices()
    ]
    assert found == [(each.rows, each.ends, each.in_force) for each in model.notices]
    named = defaultdict(list)
    for decision, rank in portal.edition.decisions.values_list(
        "pk", "honours__nomination__shortlist_row__rank"
    ):
        named[decision].append(rank)
    assert [sorted(each) for _pk, each in sorted(named.items())] == model.decisions
    closed = {step.kind for step in portal.edition.steps.all() if step.closed_at}
    assert ("publicity" in closed, "inspection" in closed) == (
        not model.publicity_open,
        not model.inspection_open,
    )
    assert set(invariants.broken(LOOKED_AT)) == before


def test_whatever_happens_in_whatever_order():
    portal = stage()
    before = set(invariants.broken(LOOKED_AT))
    told = {"sequences": 0, "acts": 0, "named": 0}

    @settings(max_examples=MOST, suppress_health_check=list(HealthCheck), database=None)
    @given(sequences)
    def any_sequence(taken):
        failed, first, closes, listed, then, ends, after = taken
        with transaction.atomic():
            visited(portal.edition, failed)
            portal.minute = 0
            model = Model(START, failed)

            def go(way):
                for act in way:
                    assert perform(portal, model, act), act
                    told["acts"] += 1

            go(first)
            if closes:
                go([("close_inspection",)])
                best = [rank for rank in model.reserves() if rank not in model.problems][:SEATS]
                go([("publish", listed or best)] if listed or best else [])
            go(then)
            if ends:
                go(list(to_a_naming(model)))
            go(after)
            agree(portal, model, before)
            told["sequences"] += 1
            told["named"] += bool(model.decisions)
            transaction.set_rollback(True)

    any_sequence()
    print(f"{told['sequences']} sequences, {told['acts']} acts, {told['named']} with a naming")  # noqa: T201
