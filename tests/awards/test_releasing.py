"""What could be shown, releasing it, letting it through or not, taking it back."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from PIL import Image

from awards.models import Honour, Release
from awards.services.deciding_releases import decide_releases
from awards.services.release_pictures import picture_bytes
from awards.services.release_sources import offer_of, offers_of, shortened
from awards.services.releasing import Item, release, withdraw
from awards.todos import todos
from awards.todos.releases import of_speaker
from nominations.declaration import Field, Section, Shape, to_json
from nominations.models import Category, Edition, Evidence
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from tests import factories
from tests.awards import exhibits
from tests.moments import NOW
from tests.races import overtaking, told

LATER = NOW + timedelta(days=1)


def revoke(honour):
    honour.revoked_on, honour.revoked_reason = NOW.date(), "演示"
    honour.save()


def former(company, host):
    """A naming entered from paper by an office."""
    factories.honour(
        company,
        host=factories.organisation(host),
        year=2019,
        number=f"旧-{company.pk}-{host}",
        named_on=NOW.date().replace(year=2019),
        named_by=factories.hat("office", host),
    )


@pytest.mark.django_db
class TestOffers:
    def test_what_the_form_says_may_be_shown_is_offered_and_nothing_private(self):
        company = exhibits.named(deeds="机制健全。")
        offers = [(each.kind, each.title, each.text) for each in offers_of(company)]
        assert offers == [
            (
                "introduction",
                "事迹摘要",
                "全员提建议，班组做改进。联系人手机（联系方式略），邮箱 （联系方式略）。",
            ),
            ("introduction", "主要事迹", "机制健全。"),
            ("studio", "海风焊接创新工作室", "级别：市级；成员（人）：12"),
            ("studio", "潮汐数控创新工作室", "级别：企业级；成员（人）：6"),
            ("result", "抗盐雾涂层工艺", "奖项和等次：一等奖；颁发单位：演示协会"),
            ("figure", "名师带徒结对", "20 对\n2025年度"),
            ("figure", "职工创新成果", "36 项\n2025年度"),
            ("figure", "创造的经济效益", "¥1,200,000.00\n2025年度"),
            ("picture", "", ""),
        ]

    def test_only_a_standing_public_naming_offers_anything(self):
        company = exhibits.named()
        Edition.objects.update(published=False)
        assert offers_of(company) == []
        Edition.objects.update(published=True)
        company.honours.update(revoked_on=NOW.date(), revoked_reason="演示")
        assert offers_of(company) == []

    def test_a_nomination_that_was_not_named_offers_nothing(self):
        company = factories.enterprise(account=True)
        factories.nomination(factories.edition(), company, state="publicity", answers=exhibits.ANSWERS)
        assert offers_of(company) == []

    @pytest.mark.parametrize(
        ("subject", "expected"),
        [
            (
                "studio",
                [("studio", "甲演示工作室", "机制健全。"), ("figure", "甲演示工作室：攻关项目", "7 项")],
            ),
            ("person", []),
        ],
    )
    def test_what_is_told_of_a_studio_is_not_told_of_the_enterprise_and_of_a_person_nothing(
        self, subject, expected
    ):
        fields = (
            Field("name", "名称", need="submit", core=True),
            Field("deeds", "事迹", "long", core=True, exhibit="introduction"),
            Field("projects", "攻关项目", "integer", unit="项", exhibit="figure"),
        )
        category = Category.objects.create(
            code="x",
            name="演示",
            subject=subject,
            form=to_json(Shape((Section("s", "节", fields=fields),))),
        )
        company = exhibits.named(
            category=category,
            subject="甲演示工作室",
            pictures=0,
            deeds="机制健全。",
            answers={"projects": 7},
        )
        assert [(each.kind, each.title, each.text) for each in offers_of(company)] == expected

    def test_no_document_but_a_current_photograph(self):
        company = exhibits.named(pictures=2)
        first, second = Evidence.objects.order_by("pk")
        Evidence.objects.filter(pk=first.pk).update(kind="licence")
        assert [each.evidence for each in offers_of(company) if each.is_picture] == [second]
        Evidence.objects.filter(pk=second.pk).update(
            voided_at=NOW, voided_by=factories.hat("office"), void_reason="演示"
        )
        assert [each for each in offers_of(company) if each.is_picture] == []

    def test_a_long_introduction_ends_with_a_sentence(self):
        text = "建设平台。" * 99 + "写得再长也有句号的一句话" * 9
        assert shortened(text) == "建设平台。" * 99
        assert shortened("一" * 600) == "一" * 499 + "…"


@pytest.mark.django_db
class TestReleasing:
    def test_it_is_kept_as_released_and_waits(self):
        company = exhibits.named()
        row = exhibits.released(company, "studio", title="海风工作室", text="市级，13900000002")
        assert (row.title, row.text, row.approved) == ("海风工作室", "市级，（联系方式略）", None)
        assert row in Release.objects.waiting() and row not in Release.objects.public()
        entry = AuditEntry.objects.get(act="awards.release")
        assert entry.detail["source"] == row.source and len(entry.detail["digest"]) == 64
        note = Notification.objects.get(event="awards.release", channel="site")
        assert note.recipient == factories.hat("office").user
        assert offer_of(row).text == "级别：市级；成员（人）：12"

    def test_what_the_declaration_says_later_changes_nothing(self):
        company = exhibits.named()
        row = exhibits.approved(company, "studio")
        declaration = company.nominations.get().declaration
        declaration.answers = {}
        declaration.save()
        assert Release.objects.public().get() == row
        assert Release.objects.get().title == "海风焊接创新工作室"

    def test_a_figure_is_shown_as_declared(self):
        row = exhibits.released(exhibits.named(), "figure", "成果", title="创新成果", text="3600 项")
        assert (row.title, row.text) == ("创新成果", "36 项\n2025年度")

    def test_a_picture_is_drawn_anew_small_and_without_a_word_inside(self):
        row = exhibits.released(exhibits.named(), "picture", alt="焊接工位")
        assert (row.title, row.alt) == ("焊接工位", "焊接工位")
        for small, longest in ((False, 1600), (True, 640)):
            data = picture_bytes(row.picture, small=small)
            with Image.open(io.BytesIO(data)) as picture:
                assert picture.format == "WEBP" and max(picture.size) == longest
                assert not picture.getexif() and "comment" not in picture.info
            assert "镜头背后的话".encode() not in data
        assert "IMG" not in row.picture.name

    @pytest.mark.parametrize(
        ("kind", "words", "match"),
        [
            ("picture", {"alt": "  "}, "没有填写说明"),
            ("introduction", {"text": ""}, "没有内容"),
            ("introduction", {"text": "长" * 1001}, "1001 个字"),
            ("studio", {"title": "长" * 121}, "120"),
        ],
    )
    def test_what_is_not_fit_is_refused_whole(self, kind, words, match):
        company = exhibits.named()
        with pytest.raises(Refused, match=match):
            exhibits.released(company, kind, **words)
        assert not Release.objects.exists()

    def test_one_wrong_item_stops_all(self):
        company = exhibits.named()
        keys = [each.key for each in offers_of(company)][:2]
        items = [Item(keys[0], "简介", "文字"), Item("9.contact_phone", "电话", "文字")]
        with pytest.raises(Refused, match="不在可公开的范围内"):
            release(company, items=items, by=exhibits.speaker(company), now=NOW)
        with pytest.raises(Refused, match="至少选择一项"):
            release(company, items=[], by=exhibits.speaker(company), now=NOW)
        assert not Release.objects.exists()

    def test_twice_is_refused_while_the_first_waits(self):
        company = exhibits.named()
        exhibits.released(company, "studio", "海风")
        with pytest.raises(Refused, match="正等待办公室审核"):
            exhibits.released(company, "studio", "海风")
        exhibits.released(company, "studio", "潮汐")

    def test_who_was_not_named_releases_nothing(self):
        company = factories.enterprise(account=True)
        with pytest.raises(Refused, match="没有有效的公开命名"):
            release(company, items=[Item("x")], by=exhibits.speaker(company), now=NOW)

    def test_the_union_releases_for_one_without_an_account_on_its_letter(self):
        company = exhibits.named(account=False)
        offer = exhibits.offered(company, "studio")[0]
        items = [Item(offer.key, offer.title, offer.text)]
        union = factories.hat("recommender")
        with pytest.raises(Refused, match="同意公开的函件"):
            release(company, items=items, by=union, now=NOW)
        (row,) = release(company, items=items, consent="同意函，2026年6月1日", by=union, now=NOW)
        assert row.consent == "同意函，2026年6月1日"
        for hat in (factories.hat("recommender", "市北区"), factories.hat("office")):
            with pytest.raises(PermissionDenied):
                release(company, items=items, consent="函", by=hat, now=NOW)

    def test_a_union_that_only_keeps_a_draft_does_not_speak_for_it(self):
        company = exhibits.named(account=False)
        row, drafting = exhibits.released(company, "studio"), factories.hat("recommender", "市北区")
        factories.nomination(factories.edition(year=2027), company, recommender="市北区", state="draft")
        with pytest.raises(PermissionDenied):
            release(company, items=[Item("x")], consent="函", by=drafting, now=NOW)
        with pytest.raises(PermissionDenied):
            withdraw(row, reason="演示", by=drafting, now=LATER)
        assert not Release.objects.visible_to(drafting).exists()
        assert not any("展馆" in each.verb for each in todos(drafting, now=LATER))

    def test_each_union_speaks_for_what_it_recommended(self):
        company = exhibits.named(1, account=False)
        other = factories.hat("recommender", "市北区")
        row = exhibits.released(company, "studio")
        exhibits.named(1, account=False, year=2027, recommender="市北区")
        mine = company.nominations.get(edition__year=2027)
        offers = offers_of(company, by=other)
        assert offers and {each.nomination_id for each in offers} == {mine.pk}
        theirs = next(each for each in offers_of(company) if each.nomination_id == row.nomination_id)
        with pytest.raises(Refused, match="不在可公开的范围内"):
            release(company, items=[Item(theirs.key, "甲", "乙")], consent="函", by=other, now=NOW)
        with pytest.raises(PermissionDenied):
            withdraw(row, reason="演示", by=other, now=LATER)
        assert not Release.objects.visible_to(other).exists()
        # What another union released does not silence the reminder of its own.
        after = mine.honoured.named_on + timedelta(days=1)
        assert [each.object for each in of_speaker(other, after)] == [company.name]
        (own,) = release(company, items=[Item(offers[0].key, "甲", "乙")], consent="函", by=other, now=LATER)
        assert list(Release.objects.visible_to(other)) == [own]
        assert list(of_speaker(other, after)) == []

    def test_the_union_may_not_where_the_enterprise_has_an_account(self):
        company = exhibits.named()
        with pytest.raises(PermissionDenied):
            release(company, items=[Item("x")], consent="函", by=factories.hat("recommender"), now=NOW)


@pytest.mark.django_db
class TestDeciding:
    def test_what_is_let_through_is_public(self):
        company = exhibits.named()
        rows = [exhibits.released(company, "studio"), exhibits.released(company, "picture")]
        office = factories.hat("office")
        assert decide_releases(rows, approve=True, by=office, now=LATER) == rows
        assert set(Release.objects.public()) == set(rows)
        assert AuditEntry.objects.filter(act="awards.decide_release").count() == 2
        note = Notification.objects.get(event="awards.decide_release", channel="site")
        assert note.recipient == exhibits.speaker(company).user and "已同意公开" in note.subject

    def test_what_is_declined_is_not_and_says_why(self):
        row = exhibits.released(exhibits.named(), "studio")
        with pytest.raises(Refused, match="须写明理由"):
            decide_releases([row], approve=False, by=factories.hat("office"), now=LATER)
        decide_releases([row], approve=False, reason="请删去级别", by=factories.hat("office"), now=LATER)
        row.refresh_from_db()
        assert (row.approved, row.declined_reason) == (False, "请删去级别")
        assert not Release.objects.public().exists()
        note = Notification.objects.get(event="awards.decide_release", channel="site")
        assert "请删去级别" in note.body
        # Mended, it is released again.
        exhibits.released(row.enterprise, "studio", text="成员：12")

    def test_one_decided_or_withdrawn_stops_all(self):
        company = exhibits.named()
        one, other = exhibits.released(company, "studio"), exhibits.released(company, "result")
        office = factories.hat("office")
        withdraw(one, reason="改主意了", by=exhibits.speaker(company), now=LATER)
        with pytest.raises(Refused, match="已被撤回，不能再审核"):
            decide_releases([one, other], approve=True, by=office, now=LATER)
        other.refresh_from_db()
        assert other.approved is None
        decide_releases([other], approve=True, by=office, now=LATER)
        with pytest.raises(Refused, match="已经审核过了"):
            decide_releases([other], approve=False, reason="演示", by=office, now=LATER)

    def test_only_an_office_that_named_it_decides(self):
        row = exhibits.released(exhibits.named(), "studio")
        for hat in (factories.hat("office", "市北区"), exhibits.speaker(row.enterprise)):
            with pytest.raises(PermissionDenied):
                decide_releases([row], approve=True, by=hat, now=LATER)

    def test_nothing_is_let_through_once_the_naming_is_revoked(self):
        row = exhibits.released(exhibits.named(), "studio")
        Honour.objects.update(revoked_on=NOW.date(), revoked_reason="演示")
        with pytest.raises(Refused, match="没有有效的公开命名"):
            decide_releases([row], approve=True, by=factories.hat("office"), now=LATER)

    def test_another_naming_does_not_speak_for_what_came_from_a_revoked_one(self):
        company = exhibits.named(1)
        shown, waiting = exhibits.approved(company, "studio"), exhibits.released(company, "result")
        revoke(company.honours.get())
        # Named anew, and by paper too: neither brings it back.
        exhibits.named(1, year=2027)
        former(company, "city")
        assert not Release.objects.public().exists()
        with pytest.raises(Refused, match="那次没有有效的公开命名"):
            decide_releases([waiting], approve=True, by=factories.hat("office"), now=LATER)
        assert {each.nomination_id for each in offers_of(company)} == {
            company.nominations.get(edition__year=2027).pk
        }
        assert shown.nomination.edition.year == 2026

    def test_entering_a_former_naming_makes_no_office_the_one_that_decides(self):
        company = exhibits.named()
        row, district = exhibits.released(company, "studio"), factories.hat("office", "市北区")
        former(company, "市北区")
        for act in (
            lambda: decide_releases([row], approve=True, by=district, now=LATER),
            lambda: withdraw(row, reason="演示", by=district, now=LATER),
        ):
            with pytest.raises(PermissionDenied):
                act()
        assert not Release.objects.visible_to(district).exists()
        assert not any(each.verb == "审核展馆内容" for each in todos(district, now=LATER))
        assert not Notification.objects.filter(recipient=district.user).exists()

    def test_something_new_takes_the_place_of_the_old_when_it_is_let_through(self):
        company = exhibits.named()
        old = exhibits.approved(company, "studio", "海风")
        beside = exhibits.approved(company, "studio", "潮汐")
        new = exhibits.released(company, "studio", "海风", title="新名")
        assert set(Release.objects.public()) == {old, beside}
        decide_releases([new], approve=True, by=factories.hat("office"), now=LATER)
        assert [each.title for each in Release.objects.public()] == ["新名", beside.title]
        old.refresh_from_db()
        assert old.withdrawn_reason == "由新公开的内容代替"

    def test_an_enterprise_has_one_introduction(self):
        company = exhibits.named()
        exhibits.approved(company, "introduction", "事迹摘要")
        new = exhibits.approved(company, "introduction", "主要事迹")
        assert list(Release.objects.public()) == [new]

    def test_what_all_namings_of_are_revoked_is_not_public(self):
        company = exhibits.named()
        exhibits.approved(company, "studio")
        Honour.objects.update(revoked_on=NOW.date(), revoked_reason="演示")
        assert not Release.objects.public().exists()


@pytest.mark.django_db
class TestWithdrawing:
    @pytest.mark.parametrize("side", ["enterprise", "office"])
    def test_either_side_at_once(self, side):
        company = exhibits.named()
        row = exhibits.approved(company, "picture")
        Notification.objects.all().delete()
        mine, other = exhibits.speaker(company), factories.hat("office")
        if side == "office":
            mine, other = other, mine
        with pytest.raises(Refused, match="须写明理由"):
            withdraw(row, reason=" ", by=mine, now=LATER)
        withdraw(row, reason="图中设备已拆除", by=mine, now=LATER)
        assert not Release.objects.public().exists()
        assert Notification.objects.get(channel="site").recipient == other.user
        assert AuditEntry.objects.get(act="awards.withdraw_release").detail["reason"] == "图中设备已拆除"
        with pytest.raises(Refused, match="已经撤回"):
            withdraw(row, reason="再撤一次", by=mine, now=LATER)

    def test_nobody_else(self):
        row = exhibits.approved(exhibits.named(), "studio")
        for hat in (
            factories.hat("recommender"),
            factories.hat("office", "市北区"),
            factories.hat("auditor"),
        ):
            with pytest.raises(PermissionDenied):
                withdraw(row, reason="演示", by=hat, now=LATER)

    def test_what_was_declined_was_never_shown(self):
        row = exhibits.released(exhibits.named(), "studio")
        decide_releases([row], approve=False, reason="演示", by=factories.hat("office"), now=LATER)
        with pytest.raises(Refused, match="从未公开"):
            withdraw(row, reason="演示", by=factories.hat("office"), now=LATER)


@pytest.mark.django_db(transaction=True)
def test_letting_through_what_is_being_withdrawn_is_refused():
    with transaction.atomic():
        company = exhibits.named()
        row = exhibits.released(company, "studio")
        office, mine = factories.hat("office"), exhibits.speaker(company)
    outcomes = overtaking(
        lambda: withdraw(row, reason="改主意了", by=mine, now=LATER),
        lambda: decide_releases([row], approve=True, by=office, now=LATER),
    )
    assert [told(each) for each in outcomes] == [False, True]
    row.refresh_from_db()
    assert row.approved is None and row.withdrawn_at is not None


@pytest.mark.django_db(transaction=True)
def test_two_at_once_release_the_same_thing_once():
    with transaction.atomic():
        company = exhibits.named()
        mine = exhibits.speaker(company)
        items = [Item(exhibits.offered(company, "studio")[0].key)]
    outcomes = overtaking(
        lambda: release(company, items=items, by=mine, now=NOW),
        lambda: release(company, items=items, by=mine, now=NOW),
    )
    assert [told(each) for each in outcomes] == [False, True]
    assert Release.objects.count() == 1
