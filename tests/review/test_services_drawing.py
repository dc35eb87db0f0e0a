"""The draw of experts, the invitations and the reserves."""

from hashlib import sha256
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied

from portal.errors import Refused
from portal.models import AuditEntry, Notification
from review import drawing, services
from review.models import Assignment, Expert, PanelMember
from review.services import assigning
from review.services.drawing import (
    Criteria,
    answer_invitation,
    draw_panel,
    preview_draw,
    recompute,
    replace_member,
)
from tests import factories
from tests.moments import NOW

INVITED, RESERVE, SEATED = "invited", "reserve", "seated"


@pytest.fixture
def register(db):
    """Eight experts of two fields with accounts, one no longer active."""
    edition = factories.edition(seats=2, nominees=2, sheets_each=2)
    hats = [factories.hat("expert", username=f"expert{n}") for n in range(1, 9)]
    experts = [
        Expert.objects.create(
            user=hat.user, name=f"专家{n}（演示）", fields=["化工" if n % 2 else "电子"], active=n != 8
        )
        for n, hat in enumerate(hats, start=1)
    ]
    return SimpleNamespace(edition=edition, office=factories.hat("office"), hats=hats, experts=experts)


def draw(register, seed="2026-06-01 3D 517", **words):
    criteria = Criteria(**{"size": 3, "reserves": 2} | words)
    return draw_panel(register.edition, criteria, seed=seed, by=register.office, now=NOW)


def hat_of(register, member):
    return next(hat for hat in register.hats if hat.user_id == member.user_id)


@pytest.mark.parametrize(
    ("candidate", "words", "why"),
    [
        ({}, {}, ""),
        ({"active": False}, {}, "inactive"),
        ({"seated": True}, {}, "seated"),
        ({"fields": frozenset(["电子"])}, {"fields": ["电子", "海洋"]}, ""),
        ({"fields": frozenset(["电子"])}, {"fields": ["海洋"]}, "field"),
        ({}, {"fields": ["海洋"]}, "field"),
        ({"reviews": 9}, {"most": 10}, ""),
        ({"reviews": 10}, {"most": 10}, "busy"),
        ({"reviews": 10}, {}, ""),
        ({"sat_last": True}, {"rotate": True}, "resting"),
        ({"sat_last": True}, {}, ""),
    ],
)
def test_who_fits(candidate, words, why):
    assert drawing.fits(drawing.Candidate("1", **candidate), **words) == why


def test_the_lot_is_the_digest_of_seed_and_key():
    def digest(key):
        return sha256(f"s|{key}".encode()).hexdigest()

    assert drawing.draw(["3", "1", "2", "1"], "s") == sorted(["1", "2", "3"], key=digest)
    assert len({tuple(drawing.draw(map(str, range(9)), str(seed))) for seed in range(50)}) > 45


def test_the_first_are_invited_and_the_next_are_reserves(register):
    drawn = draw(register)
    members = list(register.edition.panel.order_by("code"))
    assert [(each.code, each.standing, each.reserve) for each in members] == [
        ("E01", INVITED, None),
        ("E02", INVITED, None),
        ("E03", INVITED, None),
        ("E04", RESERVE, 1),
        ("E05", RESERVE, 2),
    ]
    assert [str(each.expert_id) for each in members] == drawn.order
    assert len(drawn.pool) == 7  # not the one who is inactive
    assert recompute(drawn)
    told = Notification.objects.filter(event="review.invite").values_list("recipient", flat=True)
    assert set(told) == {each.user_id for each in members[:3]}
    assert AuditEntry.objects.get(act="review.draw_panel").detail["seed"] == "2026-06-01 3D 517"


def test_another_pool_or_order_does_not_recompute(register):
    drawn = draw(register)
    drawn.order = list(reversed(drawn.order))
    assert not recompute(drawn)
    drawn.refresh_from_db()
    drawn.pool = drawn.pool[1:]
    assert not recompute(drawn)


def test_the_pool_says_who_is_out_and_why(register):
    preview = preview_draw(register.edition, Criteria(size=1, fields=("电子",)))
    assert [each.name for each in preview.pool] == ["专家2（演示）", "专家4（演示）", "专家6（演示）"]
    assert {(expert.name, why) for expert, why in preview.out} == {
        ("专家1（演示）", "field"),
        ("专家3（演示）", "field"),
        ("专家5（演示）", "field"),
        ("专家7（演示）", "field"),
        ("专家8（演示）", "inactive"),
    }


def test_who_sat_on_the_last_panel_rests(register):
    last = factories.edition(year=2025)
    PanelMember.objects.create(edition=last, expert=register.experts[0], code="E01")
    assert register.experts[0] in preview_draw(register.edition, Criteria(size=1)).pool
    assert register.experts[0] not in preview_draw(register.edition, Criteria(size=1, rotate=True)).pool


def test_so_many_panels_a_year(register):
    for host in ("370202", "370203"):
        other = factories.edition(host=host)
        PanelMember.objects.create(edition=other, expert=register.experts[0], code="E01")
    assert register.experts[0] in preview_draw(register.edition, Criteria(size=1, most=3)).pool
    assert register.experts[0] not in preview_draw(register.edition, Criteria(size=1, most=2)).pool


@pytest.mark.parametrize(
    ("seed", "words", "sentence"),
    [
        (" ", {}, "请填写随机种子"),
        ("s", {"size": 0}, "至少为 1"),
        ("s", {"size": 8}, "符合条件的专家只有 7 位"),
        ("s", {"size": 1, "fields": ("海洋",)}, "符合条件的专家只有 0 位"),
    ],
)
def test_what_cannot_be_drawn(register, seed, words, sentence):
    with pytest.raises(Refused, match=sentence):
        draw(register, seed=seed, **words)
    assert not PanelMember.objects.exists()


def test_a_seed_is_used_once(register):
    draw(register, size=1, reserves=0)
    with pytest.raises(Refused, match="已经用过"):
        draw(register, size=1, reserves=0)
    assert draw(register, seed="another", size=1, reserves=0).number == 2


def test_accepting_and_declining(register):
    draw(register)
    first, second, _third, reserve, _last = register.edition.panel.order_by("code")
    answer_invitation(first, accept=True, by=hat_of(register, first), now=NOW)
    with pytest.raises(Refused, match="写明理由"):
        answer_invitation(second, accept=False, by=hat_of(register, second), now=NOW)
    answer_invitation(second, accept=False, reason="出差", by=hat_of(register, second), now=NOW)
    reserve.refresh_from_db()
    assert (reserve.standing, reserve.replaces) == (INVITED, second)
    with pytest.raises(Refused, match="已经答复过"):
        answer_invitation(second, accept=True, by=hat_of(register, second), now=NOW)
    with pytest.raises(PermissionDenied):
        answer_invitation(reserve, accept=True, by=hat_of(register, first), now=NOW)


def test_without_a_reserve_the_office_hears_of_it(register):
    draw(register, reserves=0)
    member = register.edition.panel.first()
    answer_invitation(member, accept=False, reason="出差", by=register.office, now=NOW)
    assert Notification.objects.filter(event="review.panel_short").exists()


def test_only_who_accepted_gets_work(register):
    factories.nomination(register.edition, 1, state="review")
    draw(register)
    for member in register.edition.panel.filter(standing=INVITED)[:2]:
        answer_invitation(member, accept=True, by=register.office, now=NOW)
    assigning.assign(register.edition, seed="a", by=register.office, now=NOW)
    assert set(Assignment.objects.values_list("member__standing", flat=True)) == {SEATED}


def test_a_member_who_leaves_keeps_what_was_handed_in(register):
    for n in (1, 2):
        factories.nomination(register.edition, n, state="review")
    draw(register)
    for member in register.edition.panel.filter(standing=INVITED):
        answer_invitation(member, accept=True, by=register.office, now=NOW)
    assigning.assign(register.edition, seed="a", each=3, by=register.office, now=NOW)
    leaver = register.edition.panel.filter(standing=SEATED).first()
    done, _left = leaver.assignments.all()
    hat = hat_of(register, leaver)
    services.declare_clear([done], signature=hat.user.full_name, by=hat, now=NOW)
    scores = {"mechanism": 80, "platform": 80, "effect": 80}
    services.submit_sheet(done, scores=scores, version=0, by=hat, now=NOW)
    instead = replace_member(leaver, reason="住院", by=register.office, now=NOW)
    assert list(leaver.assignments.all()) == [done]
    answer_invitation(instead, accept=True, by=hat_of(register, instead), now=NOW)
    assigning.top_up(register.edition, by=register.office, now=NOW)
    # Only the nomination that lost its expert gets a new one.
    assert [each.nomination_id for each in instead.assignments.all()] == [_left.nomination_id]
    valid = services.preview_review(register.edition).standings
    assert sum(each.outcome.valid for each in valid) == 1
