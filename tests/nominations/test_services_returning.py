"""退回: who may from where, what it keeps and tells; and what was mended since."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from nominations.changes import mendings
from nominations.models import Nomination, Return
from nominations.services import declaring
from nominations.services.evidence import attach_evidence
from nominations.services.recommending import recommend
from nominations.services.returning import send_back
from nominations.services.steps import close_step
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from tests import factories

pytestmark = pytest.mark.django_db

DAY = {"union_founded_on": "2010-05-01"}
STATES = (
    *("draft", "recommendation", "screening", "review", "voting", "inspection"),
    *("publicity", "named", "rejected", "withdrawn"),
)
# By hand: from which state which hat may send back. yes, or the first words of the refusal.
#             draft  recommendation  screening  and everything after
FROM = {
    "office": ("现处于", "yes", "yes", *["现处于"] * 7),
    "recommender": ("现处于", "yes", "由办公室办理", *["现处于"] * 7),
}


@pytest.fixture
def edition(now):
    return factories.edition(now=now)


@pytest.fixture
def recommender():
    return factories.hat("recommender")


def sent(edition, state="recommendation", **declared):
    subject = factories.enterprise(1, account=True)
    return factories.nomination(edition, subject, state=state, **DAY | declared)


def pdf(text=b"one"):
    return SimpleUploadedFile("证.pdf", b"%PDF-1.4\n" + text + b"\n%%EOF\n")


@pytest.mark.parametrize("role", FROM)
@pytest.mark.parametrize("state", STATES)
def test_who_sends_back_from_where(edition, now, role, state):
    row = sent(edition, state)
    wanted = FROM[role][STATES.index(state)]
    if wanted == "yes":
        back = send_back(row, by=factories.hat(role), now=now, codes=["incomplete"], deadline=now.date())
        assert back.from_state == state
        assert Nomination.objects.get(pk=row.pk).state == "draft"
    else:
        with pytest.raises(Refused, match=wanted):
            send_back(row, by=factories.hat(role), now=now, codes=["incomplete"], deadline=now.date())
        assert Nomination.objects.get(pk=row.pk).state == state
        assert not Return.objects.exists()


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("recommender", "市北区"),
        ("office", "市北区"),
        ("applicant", None),
        ("auditor", None),
        ("department", None),
        ("expert", None),
        ("inspector", None),
        ("admin", None),
    ],
)
def test_nobody_else_sends_back(edition, now, role, place):
    row = sent(edition)
    with pytest.raises(PermissionDenied):
        send_back(row, by=factories.hat(role, place), now=now, codes=["incomplete"], deadline=now.date())


def test_what_is_kept_and_told(edition, recommender, now):
    applicant = factories.hat("applicant")
    row = sent(edition)
    back = send_back(
        row,
        by=recommender,
        now=now,
        codes=["wrong", "incomplete"],
        reason=" 台账与表不一致 ",
        notes={"employees": " 与社保人数不符 ", "evidence:congress": "缺盖章页", "deeds": "  "},
        deadline=now.date() + timedelta(days=7),
    )
    assert back.codes == ["incomplete", "wrong"]
    assert back.notes == {"employees": "与社保人数不符", "evidence:congress": "缺盖章页"}
    assert (back.version, back.words) == (1, "材料不全、填写有误：台账与表不一致")
    told = Notification.objects.get(event="nominations.send_back")
    assert told.recipient == applicant.user
    assert told.body.splitlines() == [
        "材料不全、填写有误：台账与表不一致",
        "职工人数：与社保人数不符",
        "职代会记录：缺盖章页",
    ]
    line = AuditEntry.objects.get(act="nominations.send_back")
    assert line.detail["note"] == "材料不全、填写有误：台账与表不一致"


@pytest.mark.parametrize(
    ("codes", "reason", "words"),
    [
        (["incomplete"], "", "材料不全"),
        (["other"], "请补说明", "请补说明"),
        (["incomplete", "other"], "请补说明", "材料不全：请补说明"),
        ([], "早年的退回", "早年的退回"),
    ],
)
def test_a_return_in_words(codes, reason, words):
    assert Return(codes=codes, reason=reason).words == words


def test_a_note_at_no_field_or_too_long_is_refused_whole(edition, recommender, now):
    row = sent(edition)
    for notes, words in (({"nothing": "x"}, "不在这份申报表中"), ({"deeds": "长" * 301}, "300 个字以内")):
        with pytest.raises(Refused, match=words):
            send_back(row, by=recommender, now=now, codes=["wrong"], notes=notes, deadline=now.date())
    assert not Return.objects.exists()


def test_once_is_enough(edition, recommender, now):
    row = sent(edition)
    send_back(row, by=recommender, now=now, codes=["wrong"], deadline=now.date())
    with pytest.raises(Refused, match="现处于"):
        send_back(row, by=recommender, now=now, codes=["wrong"], deadline=now.date())


def test_not_after_the_step_is_closed(edition, recommender, now):
    row = sent(edition)
    close_step(edition, "recommendation", by=factories.hat("office"), now=now)
    with pytest.raises(Refused, match="已经关闭"):
        send_back(row, by=recommender, now=now, codes=["wrong"], deadline=now.date())


# --- what was mended


def mended(row, by, now, **changed):
    version = Nomination.objects.get(pk=row.pk).declaration.version
    declaring.save_declaration(row, by=by, now=now, version=version, **changed)
    return declaring.submit(row, by=by, now=now)


def test_before_and_after_field_by_field(edition, recommender, now):
    row = sent(edition, recognitions=["瞪羚企业"])
    applicant = factories.hat("applicant")
    attach_evidence(row, by=recommender, now=now, kind="licence", title="旧证", file=pdf())
    later = now + timedelta(hours=1)
    notes = {"employees": "与社保人数不符", "union_members": "请核对", "evidence:congress": "缺"}
    send_back(row, by=recommender, now=later, codes=["wrong"], notes=notes, deadline=now.date())
    attach_evidence(
        row, by=applicant, now=later + timedelta(hours=1), kind="congress", title="记录", file=pdf(b"two")
    )
    mended(
        row,
        applicant,
        later + timedelta(hours=2),
        employees=320,
        union_founded_on="2011-06-01",
        recognitions=["瞪羚企业", "高新技术企业"],
        name="演示企业1改名（演示）",
    )
    [found] = mendings(Nomination.objects.get(pk=row.pk))
    assert [(each.key, each.before, each.after, each.note) for each in found.changes] == [
        ("name", "演示企业1（演示）", "演示企业1改名（演示）", ""),
        ("employees", "300 人", "320 人", "与社保人数不符"),
        ("union_founded_on", "2010年5月1日 (周六)", "2011年6月1日 (周三)", ""),
        ("recognitions", "瞪羚企业", "高新技术企业、瞪羚企业", ""),
    ]
    assert [each.title for each in found.papers] == ["记录"]
    assert [each.title for each in found.untouched] == ["工会会员数"]
    # In the order of the form, whatever the database made of it.
    assert [each.title for each in found.notes] == ["职工人数", "工会会员数", "职代会记录"]


def test_notes_stand_in_the_order_of_the_form(edition, recommender, now):
    row = sent(edition)
    notes = {"employees": "一", "division_name": "二", "deeds": "三", "evidence:union": "四"}
    send_back(row, by=recommender, now=now, codes=["wrong"], notes=notes, deadline=now.date())
    [found] = mendings(Nomination.objects.get(pk=row.pk))
    assert [each.key for each in found.notes] == ["division_name", "employees", "deeds", "evidence:union"]


def test_each_return_has_its_own_changes(edition, recommender, now):
    row = sent(edition)
    applicant = factories.hat("applicant")
    for n, employees in enumerate((310, 320)):
        moment = now + timedelta(days=n)
        send_back(row, by=recommender, now=moment, codes=["wrong"], deadline=moment.date())
        mended(row, applicant, moment + timedelta(hours=1), employees=employees)
    moment = now + timedelta(days=2)
    send_back(row, by=recommender, now=moment, codes=["incomplete"], deadline=moment.date())
    found = mendings(Nomination.objects.get(pk=row.pk))
    assert [[(each.before, each.after) for each in one.changes] for one in found] == [
        [],
        [("310 人", "320 人")],
        [("300 人", "310 人")],
    ]


def test_handed_in_again_as_it_was(edition, recommender, now):
    row = sent(edition)
    send_back(row, by=recommender, now=now, codes=["wrong"], deadline=now.date())
    declaring.submit(row, by=factories.hat("applicant"), now=now + timedelta(hours=1))
    [found] = mendings(Nomination.objects.get(pk=row.pk))
    assert (found.changes, found.papers, found.back.mended_at) == ([], [], now + timedelta(hours=1))


def test_of_an_old_return_nothing_is_claimed(edition, recommender, now):
    row = sent(edition)
    notes = {"employees": "请核对"}
    send_back(row, by=recommender, now=now, codes=["wrong"], notes=notes, deadline=now.date())
    Return.objects.update(version=None)
    mended(row, factories.hat("applicant"), now + timedelta(hours=1), employees=310)
    [found] = mendings(Nomination.objects.get(pk=row.pk))
    assert (found.is_known, found.changes, found.untouched) == (False, [], [])


def test_no_return_asks_nothing(edition, django_assert_num_queries):
    row = Nomination.objects.select_related("declaration").get(pk=sent(edition).pk)
    with django_assert_num_queries(1):
        assert mendings(row) == []


def test_from_screening_back_to_screening_recommended_once(edition, recommender, now):
    row = sent(edition)
    recommend([row], by=recommender, now=now, opinion="同意推荐")
    send_back(row, by=factories.hat("office"), now=now, codes=["excluded"], deadline=now.date())
    row = mended(row, factories.hat("applicant"), now + timedelta(hours=1), employees=301)
    assert row.state == "screening"
    [found] = mendings(Nomination.objects.get(pk=row.pk))
    assert [each.key for each in found.changes] == ["employees"]
