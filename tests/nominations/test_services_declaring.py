"""Entering, filling in and handing in: who may, when, and what is never lost."""

import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from nominations.models import Enterprise
from nominations.services import declaring, ranking, recommending, returning
from nominations.services.duplicates import duplicates, near_names
from nominations.services.evidence import attach_evidence
from nominations.services.quotas import set_quota
from nominations.services.steps import close_step
from portal.errors import Refused
from portal.models import AuditEntry, Notification, Organisation
from tests import factories

pytestmark = pytest.mark.django_db

WHOLE = {
    "nature": "民营",
    "industry": "制造业",
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
def office():
    return factories.hat("office")


@pytest.fixture
def recommender():
    return factories.hat("recommender")


def create(edition, by, now, n=1, **fields):
    fields = {"credit_code": factories.credit_code(n), "name": f"演示企业{n}（演示）"} | fields
    return declaring.create_nomination(edition, by=by, now=now, **fields)


def picture(name="照片.jpg", colour="navy"):
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Phone"
    Image.new("RGB", (40, 30), colour).save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue())


def test_a_draft_may_be_empty_but_names_its_enterprise(edition, recommender, now):
    made = create(edition, recommender, now)
    assert (made.state, made.recommender, made.rank) == ("draft", recommender.organisation, None)
    assert made.enterprise.credit_code == factories.credit_code(1)
    assert made.declaration.version == 1
    with pytest.raises(Refused, match="企业名称"):
        create(edition, recommender, now, 2, name="  ")


def test_a_wrong_code_is_refused(edition, recommender, now):
    with pytest.raises(Refused, match="校验码不符"):
        create(edition, recommender, now, credit_code="91370202MA0000001X")


def test_once_in_an_edition(edition, recommender, now):
    create(edition, recommender, now)
    other = factories.hat("recommender", "市北区")
    with pytest.raises(Refused, match="已由“市南区总工会”推荐"):
        create(edition, other, now)


def test_not_again_once_named_unless_the_edition_allows_it(edition, recommender, office, now):
    made = factories.enterprise(1)
    factories.honour(
        made,
        host=factories.city(),
        level="city",
        year=2025,
        title="演示称号",
        number="演示-1",
        named_on=date(2025, 10, 1),
        named_by=office,
    )
    assert [each.year for each in duplicates(edition, made.credit_code).honours] == [2025]
    with pytest.raises(Refused, match="已于 2025 年命名"):
        create(edition, recommender, now)
    again = factories.edition(now=now, allow_former=True)
    assert create(again, recommender, now).state == "draft"


def test_a_revoked_honour_and_another_hosts_do_not_count(edition, recommender, office, now):
    made = factories.enterprise(1)
    common = {"level": "city", "year": 2025, "named_on": date(2025, 10, 1)}
    common |= {"title": "演示称号", "named_by": office}
    factories.honour(
        made,
        host=factories.city(),
        number="演示-1",
        revoked_on=date(2026, 1, 1),
        revoked_reason="演示",
        **common,
    )
    factories.honour(made, host=factories.district(), number="演示-2", **common)
    assert create(edition, recommender, now).state == "draft"


def test_near_same_names_are_told_apart_by_place_and_legal_form():
    factories.city()
    Enterprise.objects.create(credit_code=factories.credit_code(5), name="青岛海晏电子科技有限公司")
    Enterprise.objects.create(credit_code=factories.credit_code(6), name="海晏物流有限公司")
    near = near_names({factories.credit_code(7): "海晏电子科技股份有限公司"})
    assert [each.name for each in near[factories.credit_code(7)]] == ["青岛海晏电子科技有限公司"]
    assert near_names({factories.credit_code(5): "青岛海晏电子科技有限公司"}) == {}


def test_a_recommender_recommends_only_for_itself(edition, recommender, now):
    with pytest.raises(Refused, match="本单位"):
        create(edition, recommender, now, recommender=factories.district("市北区"))


def test_the_office_must_say_through_whom(edition, office, now):
    with pytest.raises(Refused, match="请选择推荐单位"):
        create(edition, office, now)
    with pytest.raises(Refused, match="不是这一届的推荐单位"):
        create(edition, office, now, recommender=factories.organisation("panel"))
    assert create(edition, office, now, recommender=factories.district()).recommender.short_name


def test_an_enterprise_declares_only_itself(edition, now):
    applicant = factories.hat("applicant")
    with pytest.raises(Refused, match="只能为本企业申报"):
        create(edition, applicant, now, 2, recommender=factories.district())
    assert create(edition, applicant, now, 1, recommender=factories.district()).state == "draft"


def test_a_new_enterprise_declares_under_its_own_code_and_is_tied_to_its_account(edition, now):
    code = factories.credit_code(77)
    place = Organisation.objects.create(
        code=code, name="新来制造（演示）有限公司", short_name="新来制造", kind=Organisation.Kind.ENTERPRISE
    )
    applicant = factories.hat("applicant", place)
    with pytest.raises(Refused, match="不是本企业账户"):
        declaring.create_nomination(
            edition,
            by=applicant,
            now=now,
            credit_code=factories.credit_code(78),
            name="别家",
            recommender=factories.district(),
        )
    made = declaring.create_nomination(
        edition, by=applicant, now=now, credit_code=code, name=place.name, recommender=factories.district()
    )
    assert made.enterprise.organisation == place


def test_the_dates_bind_all_but_the_office(recommender, office, now):
    day = timedelta(days=1)
    early = factories.edition(now=now, dates={"recommendation": (now + day, now + 2 * day)})
    with pytest.raises(Refused, match="开始"):
        create(early, recommender, now)
    with pytest.raises(Refused, match="截止"):
        create(early, recommender, now + 2 * day)
    assert create(early, recommender, now + day).state == "draft"
    late = create(early, office, now + 3 * day, 2, recommender=factories.district())
    assert late.state == "draft"


def test_an_unpublished_edition_takes_nothing_from_a_union(recommender, now):
    with pytest.raises(Refused, match="还没有发布"):
        create(factories.edition(now=now, published=False), recommender, now)


def test_two_tabs(edition, recommender, now):
    made = create(edition, recommender, now)
    declaring.save_declaration(made, by=recommender, now=now, version=1, industry="软件业")
    with pytest.raises(Refused, match="第 2 版，本页是第 1 版"):
        declaring.save_declaration(made, by=recommender, now=now, version=1, industry="建筑业")
    made.declaration.refresh_from_db()
    assert (made.declaration.version, made.declaration.industry) == (2, "软件业")


def test_what_is_out_of_the_lists_is_refused(edition, recommender, now):
    made = create(edition, recommender, now)
    for field, value in (("nature", "个体"), ("key_industry", "房地产"), ("recognitions", ["优秀企业"])):
        with pytest.raises(Refused):
            declaring.save_declaration(made, by=recommender, now=now, version=1, **{field: value})
    with pytest.raises(Refused, match="0 至 100"):
        declaring.save_declaration(made, by=recommender, now=now, version=1, frontline_share=101)
    with pytest.raises(Refused, match="主要事迹"):
        declaring.save_declaration(made, by=recommender, now=now, version=1, deeds="长" * 2001)


def test_handing_in_names_all_that_is_missing(edition, recommender, now):
    made = create(edition, recommender, now, industry="制造业", employees=0, independent=False)
    with pytest.raises(Refused) as refusal:
        declaring.submit(made, by=recommender, now=now)
    assert str(refusal.value) == (
        "“演示企业1（演示）”的申报表还缺：所属区市、工会成立时间、工会会员数、企业性质、"
        "主要事迹、联系人、联系电话。请补齐后再提交。"
    )
    made.refresh_from_db()
    assert made.state == "draft"


def test_handed_in_by_the_enterprise_the_union_is_told(edition, recommender, now):
    applicant = factories.hat("applicant")
    made = create(edition, applicant, now, recommender=factories.district(), **WHOLE)
    assert declaring.submit(made, by=applicant, now=now).state == "recommendation"
    told = Notification.objects.get(event="nominations.submit")
    assert (told.recipient, told.url) == (recommender.user, made.get_absolute_url())
    with pytest.raises(Refused, match="不能再改"):
        declaring.save_declaration(made, by=applicant, now=now, version=1, industry="软件业")
    assert (
        declaring.save_declaration(made, by=recommender, now=now, version=1, industry="软件业").version == 2
    )


def test_sent_back_from_screening_it_returns_there(edition, recommender, office, now):
    made = create(edition, recommender, now, **WHOLE)
    made = declaring.submit(made, by=recommender, now=now)
    [made] = recommending.recommend([made], by=recommender, now=now, opinion="同意推荐")
    close_step(edition, "recommendation", by=office, now=now)
    returning.send_back(made, by=office, now=now, reason="补交材料", deadline=now.date())
    made = declaring.submit(made, by=recommender, now=now)
    assert made.state == "screening"
    assert made.returns.get().mended_at == now
    assert list(AuditEntry.objects.life_of(made).values_list("act", flat=True))[-1] == "nominations.repair"


def test_a_draft_left_behind_can_no_longer_go_on(edition, recommender, office, now):
    made = create(edition, recommender, now, **WHOLE)
    close_step(edition, "recommendation", by=office, now=now)
    with pytest.raises(Refused, match="已经关闭"):
        declaring.submit(made, by=recommender, now=now)


def test_withdrawing_needs_a_reason_and_frees_the_place(edition, recommender, office, now):
    set_quota(edition, recommender.organisation, 1, by=office, now=now)
    first, second = (
        declaring.submit(create(edition, recommender, now, n, **WHOLE), by=recommender, now=now)
        for n in (1, 2)
    )
    recommending.recommend([first], by=recommender, now=now, opinion="同意推荐")
    with pytest.raises(Refused, match="已用 1 家"):
        recommending.recommend([second], by=recommender, now=now, opinion="同意推荐")
    with pytest.raises(Refused, match="理由"):
        declaring.withdraw(first, by=recommender, now=now, reason=" ")
    assert declaring.withdraw(first, by=recommender, now=now, reason="企业迁出").ended_reason == "企业迁出"
    assert recommending.recommend([second], by=recommender, now=now, opinion="同意推荐")


def test_once_ranked_the_office_takes_nobody_out(client, office, recommender, now):
    """Else it lifts whom it likes by withdrawing those who stand above."""
    edition = factories.edition(now=now)
    early, first, second = (factories.nomination(edition, n, state="voting") for n in (1, 2, 3))
    for kind in ("recommendation", "screening", "review"):
        close_step(edition, kind, by=office, now=now)
    assert declaring.withdraw(early, by=office, now=now, reason="企业申请").state == "withdrawn"
    close_step(edition, "voting", by=office, now=now)
    with pytest.raises(Refused, match="请由申报企业或推荐单位撤回"):
        declaring.withdraw(first, by=office, now=now, reason="企业申请")
    factories.sign_in(client, office)
    words = client.get(reverse("nominations:withdraw", args=[first.pk])).content.decode()
    assert "请由申报企业或推荐单位撤回" in words and "撤回这一家" not in words
    nomination_page = client.get(first.get_absolute_url())
    assert nomination_page.context["acts"]["withdraw"] is False
    assert declaring.withdraw(first, by=recommender, now=now, reason="企业迁出").state == "withdrawn"
    second.enterprise.organisation = factories.enterprise(3, account=True).organisation
    second.enterprise.save()
    applicant = factories.hat("applicant", second.enterprise.organisation)
    assert declaring.withdraw(second, by=applicant, now=now, reason="本企业放弃").state == "withdrawn"


@pytest.mark.parametrize("role", ["department", "expert", "inspector", "auditor", "admin", "public"])
def test_the_others_may_not(edition, recommender, now, role):
    made = create(edition, recommender, now, **WHOLE)
    by = factories.hat(role)
    for act in (
        lambda: create(edition, by, now, 2),
        lambda: declaring.save_declaration(made, by=by, now=now, version=1, industry="x"),
        lambda: declaring.submit(made, by=by, now=now),
        lambda: declaring.withdraw(made, by=by, now=now, reason="x"),
        lambda: recommending.recommend([made], by=by, now=now, opinion="x"),
        lambda: returning.send_back(made, by=by, now=now, reason="x", deadline=now.date()),
        lambda: ranking.set_ranks(edition, made.recommender, [made.pk], by=by, now=now),
        lambda: attach_evidence(made, by=by, now=now, kind="other", title="x", file=picture()),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_another_district_may_not(edition, recommender, now):
    made = create(edition, recommender, now, **WHOLE)
    other = factories.hat("recommender", "市北区")
    with pytest.raises(PermissionDenied):
        declaring.submit(made, by=other, now=now)
    with pytest.raises(PermissionDenied):
        attach_evidence(made, by=other, now=now, kind="other", title="x", file=picture())


def test_a_photograph_loses_what_the_phone_wrote(edition, recommender, now):
    made = create(edition, recommender, now)
    kept = attach_evidence(made, by=recommender, now=now, kind="other", title="车间", file=picture())
    with Image.open(kept.file.open("rb")) as image:
        assert (image.size, dict(image.getexif())) == ((40, 30), {})
    assert kept.size == kept.file.size
    assert kept.mime == "image/jpeg"


def test_a_replaced_document_stays_behind(edition, recommender, now):
    made = create(edition, recommender, now)
    old = attach_evidence(made, by=recommender, now=now, kind="licence", title="旧", file=picture())
    with pytest.raises(Refused, match="内容相同"):
        attach_evidence(made, by=recommender, now=now, kind="licence", title="新", file=picture())
    new = attach_evidence(
        made, by=recommender, now=now, kind="licence", title="新", file=picture(colour="red"), replaces=old
    )
    assert list(made.evidence.current()) == [new]
    assert made.evidence.count() == 2
    with pytest.raises(Refused, match="已被替换"):
        attach_evidence(
            made,
            by=recommender,
            now=now,
            kind="licence",
            title="三",
            file=picture(colour="green"),
            replaces=old,
        )


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("空.pdf", b"", "空文件"),
        ("木马.pdf", b"MZ" + b"0" * 100, "程序"),
        ("网页.pdf", b"<html>", "网页"),
        ("半截.pdf", b"%PDF-1.7 half", "没有传完整"),
        ("表.xls", b"\xd0\xcf\x11\xe0" + b"0" * 600, "只接受"),
    ],
)
def test_a_bad_file_is_refused_and_nothing_is_kept(edition, recommender, now, name, data, words):
    made = create(edition, recommender, now)
    with pytest.raises(Refused, match=words):
        attach_evidence(
            made, by=recommender, now=now, kind="other", title="x", file=SimpleUploadedFile(name, data)
        )
    assert not made.evidence.exists()
