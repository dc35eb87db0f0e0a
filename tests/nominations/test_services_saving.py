"""Saving by hand and by itself, two people at once, what is missing, what is known of a code."""

import threading
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from nominations.declaration import to_json
from nominations.declaration.facts import digest_of
from nominations.declaration.shape import Field, Section, Shape
from nominations.models import Category, Declaration, Evidence, Nomination
from nominations.services import declaring, looking_up
from nominations.services.completeness import (
    advised_of,
    completeness_of,
    facts_of,
    missing_fields_of,
    missing_of,
    missing_of_all,
)
from nominations.services.conflicts import base_of, differences_of, settle
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NEEDED = {
    "industry": "制造业",
    "nature": "民营",
    "division_name": "市南区",
    "independent": True,
    "employees": 300,
    "union_founded_on": date(2010, 5, 1),
    "union_members": 280,
    "contact_name": "演示联系人",
    "contact_phone": "19900000000",
    "deeds": "演示事迹",
}


@pytest.fixture
def edition(now):
    return factories.edition(now=now)


@pytest.fixture
def recommender():
    return factories.hat("recommender")


@pytest.fixture
def made(edition, recommender, now):
    return declaring.create_nomination(
        edition, by=recommender, now=now, credit_code=factories.credit_code(1), name="演示企业1（演示）"
    )


def save(made, by, now, version, **declared):
    return declaring.save_declaration(made, by=by, now=now, version=version, **declared)


def edits(made):
    return list(AuditEntry.objects.filter(act="nominations.edit", nomination_id=made.pk).order_by("pk"))


def paper(made, now, kind="licence", **more):
    by = factories.hat("recommender")
    return Evidence.objects.create(
        nomination=made,
        kind=kind,
        title="演示",
        file="a.pdf",
        mime="application/pdf",
        size=1,
        sha256=more.pop("sha256", kind),
        uploaded_at=now,
        uploaded_by=by,
        **more,
    )


# --- what is kept


def test_answers_are_cleaned_and_merged_key_by_key(made, recommender, now):
    save(made, recommender, now, 1, answers={"results": "1,200 项", "benefit": "30万"})
    kept = save(made, recommender, now, 2, answers={"patents": 3, "benefit": ""}, employees="1,200")
    assert kept.answers == {"results": 1200, "patents": 3}
    assert (kept.employees, kept.version, kept.saved_at, kept.saved_by) == (1200, 3, now, recommender)


@pytest.mark.parametrize("answers", [{"salary": 1}, {"nature": "民营"}, {"patents": "几件"}])
def test_what_the_form_does_not_ask_is_refused_whole(made, recommender, now, answers):
    with pytest.raises(Refused):
        save(made, recommender, now, 1, industry="软件业", answers={"results": 1} | answers)
    made.declaration.refresh_from_db()
    assert (made.declaration.industry, made.declaration.answers, made.declaration.version) == ("", {}, 1)


def test_a_document_named_in_an_answer_is_ones_own(edition, made, recommender, now):
    own = paper(made, now, "recognition")
    other = paper(factories.nomination(edition, 9), now, "recognition")
    details = {"高新技术企业": {"level": "国家级", "evidence": own.pk}}
    kept = save(made, recommender, now, 1, answers={"recognition_details": details})
    assert kept.answers["recognition_details"] == details
    details = {"高新技术企业": {"evidence": other.pk}}
    with pytest.raises(Refused, match="不属于这一家"):
        save(made, recommender, now, 2, answers={"recognition_details": details})


def test_another_category_asks_its_own_questions(recommender, now):
    form = Shape(
        (
            Section(
                "who",
                "本人",
                fields=(
                    Field("name", "姓名", need="submit", core=True),
                    Field("trade", "工种", need="submit"),
                ),
            ),
        )
    )
    category = Category.objects.create(code="nengshou", name="创新能手", form=to_json(form))
    edition = factories.edition(now=now, category=category)
    made = declaring.create_nomination(
        edition, by=recommender, now=now, credit_code=factories.credit_code(1), name="演示（演示）"
    )
    assert [each.title for each in missing_of(made)] == ["工种"]
    save(made, recommender, now, 1, answers={"trade": "钳工"})
    made = Nomination.objects.get(pk=made.pk)
    assert missing_of(made) == []
    with pytest.raises(Refused, match="没有“patents”"):
        save(made, recommender, now, 2, answers={"patents": 1})


# --- by itself


def test_a_draft_that_saves_itself_speaks_to_the_record_at_the_next_save(made, recommender, now):
    save(made, recommender, now, 1, industry="软件业", by_itself=True)
    kept = save(made, recommender, now + DAY, 2, answers={"results": 3}, by_itself=True)
    assert edits(made) == []
    assert (kept.version, kept.touched, kept.saved_at) == (3, ["industry", "results"], now + DAY)
    kept = save(made, recommender, now, 3, employees=5)
    [line] = edits(made)
    assert line.detail["changed"] == ["employees", "industry", "results"]
    assert line.detail["version"] == 4
    facts = facts_of(Nomination.objects.get(pk=made.pk))
    assert line.detail["digest"] == digest_of(facts, credit_code=factories.credit_code(1))
    assert kept.touched == []


def test_nothing_changed_is_no_new_version(made, recommender, now):
    save(made, recommender, now, 1, industry="软件业")
    for itself in (True, False):
        assert save(made, recommender, now + DAY, 2, industry="软件业", by_itself=itself).version == 2
    assert len(edits(made)) == 1
    assert Declaration.objects.get(nomination=made).saved_at == now


def test_a_save_by_hand_without_a_change_still_speaks_of_what_was_touched(made, recommender, now):
    save(made, recommender, now, 1, industry="软件业", by_itself=True)
    assert save(made, recommender, now, 2, industry="软件业").version == 2
    assert [line.detail["changed"] for line in edits(made)] == [["industry"]]


def test_handing_in_says_what_was_touched_and_the_digest(made, recommender, now):
    save(made, recommender, now, 1, **NEEDED, by_itself=True)
    declaring.submit(made, by=recommender, now=now)
    line = AuditEntry.objects.get(act="nominations.submit", nomination_id=made.pk)
    assert line.detail["changed"] == sorted(NEEDED)
    assert len(line.detail["digest"]) == 64
    assert Declaration.objects.get(nomination=made).touched == []


def test_what_is_handed_in_is_on_the_record_at_every_save(made, recommender, now):
    save(made, recommender, now, 1, **NEEDED)
    made = declaring.submit(made, by=recommender, now=now)
    save(made, recommender, now, 2, employees=310, contact_phone="19900000001", by_itself=True)
    line = edits(made)[-1]
    assert line.detail["changed"] == ["contact_phone", "employees"]
    assert (line.detail["before"], line.detail["after"]) == ({"employees": 300}, {"employees": 310})
    assert "19900000001" not in line.body


def test_a_table_with_a_private_column_is_on_the_record_by_name_only(made, recommender, now):
    save(made, recommender, now, 1, **NEEDED)
    made = declaring.submit(made, by=recommender, now=now)
    studios = [{"name": "演示工作室", "leader": "演示领衔人"}]
    save(made, recommender, now, 2, employees=310, answers={"studios": studios}, by_itself=True)
    line = edits(made)[-1]
    assert line.detail["changed"] == ["employees", "studios"]
    assert (line.detail["before"], line.detail["after"]) == ({"employees": 300}, {"employees": 310})
    assert "演示领衔人" not in line.body


def test_by_itself_is_no_way_round_who_may_and_when(edition, made, recommender, now):
    with pytest.raises(PermissionDenied):
        save(made, factories.hat("recommender", "市北区"), now, 1, industry="软件业", by_itself=True)
    factories.bring(made, "screening")
    with pytest.raises(Refused, match="不能再改"):
        save(made, recommender, now, 1, industry="软件业", by_itself=True)


# --- two at once


def test_who_changed_what_since_the_same_version(made, recommender, now):
    save(made, recommender, now, 1, industry="制造业", employees=100, deeds="原来")
    office = factories.hat("office")
    save(made, office, now, 2, industry="软件业", deeds="办公室改的")
    made = Nomination.objects.get(pk=made.pk)
    mine = {"industry": "制造业", "employees": 200, "deeds": "我改的", "nature": None}
    found = differences_of(made, version=2, mine=mine)
    assert [(each.key, each.mine, each.theirs, each.who) for each in found] == [
        ("employees", 200, 100, "mine"),
        ("industry", "制造业", "软件业", "theirs"),
        ("deeds", "我改的", "办公室改的", "both"),
    ]
    assert base_of(made, 2)["deeds"] == "原来"
    assert base_of(made, 99) is None
    with pytest.raises(Refused, match="请为“主要事迹”选定"):
        settle(made, by=recommender, now=now, version=3, mine={"deeds": "我改的"}, chosen={"deeds": ""})
    chosen = {"employees": "mine", "industry": "theirs", "deeds": "mine"}
    differing = {each.key: each.mine for each in found}
    kept = settle(made, by=recommender, now=now, version=3, mine=differing, chosen=chosen)
    assert (kept.version, kept.employees, kept.industry, kept.deeds) == (4, 200, "软件业", "我改的")


def test_settling_over_a_version_that_moved_again_writes_nothing(made, recommender, now):
    save(made, recommender, now, 1, industry="软件业")
    with pytest.raises(declaring.Moved):
        settle(made, by=recommender, now=now, version=1, mine={"industry": "甲"}, chosen={"industry": "mine"})
    with pytest.raises(Refused, match="没有“salary”"):
        settle(made, by=recommender, now=now, version=2, mine={"salary": 1}, chosen={"salary": "mine"})
    with pytest.raises(PermissionDenied):
        other = factories.hat("recommender", "市北区")
        settle(made, by=other, now=now, version=2, mine={"industry": "甲"}, chosen={"industry": "mine"})


@pytest.mark.django_db(transaction=True)
def test_two_people_saving_different_fields_from_one_version_lose_nothing(now):
    edition = factories.edition(now=now)
    recommender, office = factories.hat("recommender"), factories.hat("office")
    made = declaring.create_nomination(
        edition, by=recommender, now=now, credit_code=factories.credit_code(1), name="演示企业1（演示）"
    )
    typed = {recommender: {"industry": "软件业"}, office: {"name": "演示企业一（演示）", "results": 3}}
    start = threading.Barrier(2)

    def person(by):
        try:
            page = Nomination.objects.get(pk=made.pk)
            start.wait(10)
            mine = typed[by]
            try:
                core = {key: mine[key] for key in mine if key != "results"}
                answers = {key: mine[key] for key in mine if key == "results"}
                save(page, by, now, 1, answers=answers, **core)
            except declaring.Moved:
                fresh = Nomination.objects.get(pk=made.pk)
                found = differences_of(fresh, version=1, mine=mine)
                assert {each.who for each in found} == {"mine"}
                differing = {each.key: each.mine for each in found}
                chosen = {each.key: each.default for each in found}
                version = fresh.declaration.version
                settle(fresh, by=by, now=now, version=version, mine=differing, chosen=chosen)
        finally:
            connection.close()

    people = [threading.Thread(target=person, args=(by,)) for by in typed]
    for each in people:
        each.start()
    for each in people:
        each.join(30)
    made = Nomination.objects.get(pk=made.pk)
    kept = made.declaration
    assert (made.subject_name, kept.industry, kept.answers, kept.version) == (
        "演示企业一（演示）",
        "软件业",
        {"results": 3},
        3,
    )


@pytest.mark.django_db(transaction=True)
def test_a_name_that_only_i_changed_is_known_as_such(now):
    edition = factories.edition(now=now)
    recommender = factories.hat("recommender")
    made = declaring.create_nomination(
        edition, by=recommender, now=now, credit_code=factories.credit_code(1), name="旧名（演示）"
    )
    save(made, recommender, now, 1, name="新名（演示）", industry="软件业")
    made = Nomination.objects.get(pk=made.pk)
    mine = {"name": "旧名（演示）", "industry": "制造业"}
    assert [(each.key, each.who) for each in differences_of(made, version=1, mine=mine)] == [
        ("name", "theirs"),
        ("industry", "both"),
    ]


# --- what is missing


def test_fields_then_the_evidence_the_edition_asks_for(edition, recommender, now):
    made = factories.nomination(edition, 1, industry="", union_founded_on="2010-05-01")
    edition.evidence_required = ["licence", "union", "notice"]
    edition.save()
    made = Nomination.objects.get(pk=made.pk)
    assert [each.field for each in missing_fields_of(made)] == ["industry"]
    # What only the recommender has is not asked of a draft.
    assert [(each.field, each.title) for each in missing_of(made)] == [
        ("industry", "所属行业"),
        ("evidence:licence", "营业执照"),
        ("evidence:union", "工会法人资格证"),
    ]
    old = paper(made, now, "licence")
    paper(made, now, "union", voided_at=now, voided_by=recommender, void_reason="演示", sha256="v")
    assert [each.field for each in missing_of(made)] == ["industry", "evidence:union"]
    Evidence.objects.filter(pk=old.pk).update(replaced_by=paper(made, now, "other"))
    assert [each.field for each in missing_of(made)] == ["industry", "evidence:licence", "evidence:union"]
    with pytest.raises(Refused, match="还缺：所属行业、营业执照、工会法人资格证"):
        declaring.submit(made, by=recommender, now=now)


def test_how_much_is_there_section_by_section(edition, now):
    made = factories.nomination(
        edition, 1, union_founded_on="2010-05-01", recognitions=["高新技术企业"], answers={"results": 3}
    )
    whole = completeness_of(made)
    assert (whole.filled, whole.of, whole.missing) == (11, 11, [])
    parts = {part.key: (part.filled, part.of) for part in whole.parts}
    assert parts["basics"] == (6, 11)
    assert parts["recognised"] == (0, 1)
    assert parts["effect"] == (1, 12)
    assert parts["contact"] == (2, 2)
    assert "recognition_details" in {each.field for each in advised_of(made)}


def test_a_list_asks_the_same_whatever_its_length(edition, now, django_assert_num_queries):
    edition.evidence_required = ["licence"]
    edition.save()
    for n in range(1, 4):
        factories.nomination(edition, n)
    with django_assert_num_queries(5):
        found = missing_of_all(Nomination.objects.filter(edition=edition))
    assert len(found) == 3
    for n in range(4, 10):
        factories.nomination(edition, n)
    with django_assert_num_queries(5):
        assert len(missing_of_all(Nomination.objects.filter(edition=edition))) == 9


# --- what is known


def test_what_is_known_of_a_code(edition, made, recommender, now):
    code = factories.credit_code(1)
    last = factories.edition(now=now, year=2025)
    earlier = factories.nomination(last, made.enterprise)
    factories.honour(
        made.enterprise,
        host=factories.city(),
        level="city",
        year=2025,
        title="演示称号",
        number="演示-1",
        named_on=date(2025, 10, 1),
        named_by=factories.hat("office"),
    )
    known = looking_up.read_known(edition, f" {code.lower()} ", by=recommender)
    assert (known.code, known.name, known.taken, known.barred) == (code, "演示企业1（演示）", made, True)
    assert known.earlier == [earlier]
    assert [each.title for each in known.honours] == ["演示称号"]
    # Another district learns that it is taken and what is public, not what the first one declared before.
    other = looking_up.read_known(edition, code, by=factories.hat("recommender", "市北区"))
    assert (other.taken, other.earlier, len(other.honours)) == (made, [], 1)
    fresh = looking_up.read_known(edition, factories.credit_code(500), by=recommender)
    assert (fresh.name, fresh.taken, fresh.earlier, fresh.out_of_city) == ("", None, [], False)
    assert looking_up.read_known(edition, factories.credit_code(501, "110101"), by=recommender).out_of_city
    with pytest.raises(Refused, match="校验码不符"):
        looking_up.read_known(edition, code[:-1] + ("0" if code[-1] != "0" else "1"), by=recommender)
    with pytest.raises(PermissionDenied):
        looking_up.read_known(edition, code, by=factories.hat("expert"))


def test_an_enterprises_account_asks_only_about_itself(edition, now):
    applicant = factories.hat("applicant")
    assert looking_up.read_known(edition, factories.credit_code(1), by=applicant).name
    with pytest.raises(Refused, match="只能为本企业申报"):
        looking_up.read_known(edition, factories.credit_code(2), by=applicant)


def test_taking_over_fills_only_what_is_blank(edition, recommender, now):
    subject = factories.enterprise(1)
    factories.nomination(
        factories.edition(now=now, year=2025),
        subject,
        employees=100,
        industry="制造业",
        answers={"registry": "演示登记机关", "results": 9},
        now=now - DAY,
    )
    made = declaring.create_nomination(
        edition, by=recommender, now=now, credit_code=subject.credit_code, name=subject.name, employees=150
    )
    kept = looking_up.take_over(made, by=recommender, now=now)
    assert (kept.employees, kept.industry, kept.contact_name) == (150, "制造业", "演示联系人")
    # Figures and deeds are declared afresh.
    assert (kept.answers, kept.deeds) == ({"registry": "演示登记机关"}, "")


def test_nothing_is_taken_over_from_another_district(edition, now):
    subject = factories.enterprise(1)
    factories.nomination(factories.edition(now=now, year=2025), subject, now=now - DAY)
    other = factories.hat("recommender", "市北区")
    made = declaring.create_nomination(
        edition, by=other, now=now, credit_code=subject.credit_code, name=subject.name
    )
    with pytest.raises(Refused, match="没有可以带入"):
        looking_up.take_over(made, by=other, now=now)
    with pytest.raises(PermissionDenied):
        looking_up.take_over(made, by=factories.hat("recommender"), now=now)


@pytest.mark.parametrize(
    ("who", "named", "kept"),
    [
        ("recommender", True, "旧名（演示）"),
        ("recommender", False, "新名（演示）"),
        ("office", True, "新名（演示）"),
    ],
)
@pytest.mark.django_db
def test_a_draft_does_not_rename_an_enterprise_that_was_named(who, named, kept, now):
    """What is public bears the enterprise's name; only the office puts that right."""
    edition, recommender = factories.edition(now=now, allow_former=True), factories.hat("recommender")
    company = factories.enterprise(1, name="旧名（演示）")
    if named:
        factories.honour(
            company,
            host=factories.city(),
            year=2025,
            number="演示-1",
            named_on=now.date(),
            named_by=factories.hat("office"),
        )
    made = declaring.create_nomination(
        edition,
        by=recommender,
        now=now,
        credit_code=company.credit_code,
        name=company.name,
        **({"recommender": recommender.organisation} if who == "office" else {}),
    )
    save(made, factories.hat(who), now, 1, name="新名（演示）")
    made = Nomination.objects.select_related("enterprise").get(pk=made.pk)
    assert (made.subject_name, made.enterprise.name) == ("新名（演示）", kept)
