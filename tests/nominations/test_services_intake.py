"""推荐汇总表: the sample in whole, every error that is the recommendation's own, and the way back."""

import io
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from nominations import summary
from nominations.declaration.facts import digest_of, facts_of
from nominations.models import Enterprise, IntakeFile, Nomination
from nominations.services import intake
from nominations.services.quotas import set_quota
from nominations.services.steps import close_step
from portal.errors import Refused
from portal.models import AuditEntry
from portal.workbook import WorkbookRefused, write
from tests import factories

pytestmark = pytest.mark.django_db
SAMPLE = Path(__file__).parents[2] / "fixtures" / "sample" / "推荐汇总表.xlsx"


@pytest.fixture
def edition(now):
    return factories.edition(now=now, seats=10, nominees=20)


@pytest.fixture
def office():
    return factories.hat("office")


@pytest.fixture
def recommender():
    return factories.hat("recommender")


def row(n=1, **changes):
    """One sound line of the sheet."""
    return {
        "serial": n,
        "recommender": "市南区总工会",
        "rank": n,
        "name": f"云帆精密机械{n}（演示）",
        "credit_code": factories.credit_code(n),
        "division_name": "市南区",
        "nature": "民营",
        "industry": "制造业",
        "key_industry": "高端装备",
        "employees": 300,
        "union_founded_on": date(2010, 5, 1),
        "union_members": 280,
        "recognitions": "高新技术企业、“专精特新”中小企业",
        "independent": True,
        "frontline_share": Decimal("72"),
        "contact_name": "演示联系人",
        "contact_phone": "19900000001",
        "deeds": "演示事迹",
    } | changes


def book(*rows):
    out = io.BytesIO()
    write(out, "推荐汇总表", summary.COLUMNS, rows)
    out.seek(0)
    out.name = "推荐汇总表.xlsx"
    return out


def errors(edition, by, now, *rows, **options):
    found = intake.read_intake(edition, book(*rows), by=by, now=now, **options).errors
    return [(error.row, error.column_name, str(error)) for error in found]


def test_the_whole_sample_comes_in_for_the_unions_to_recommend(edition, office, now):
    made = intake.apply_intake(edition, SAMPLE, by=office, now=now)
    assert len(made) == 64
    assert Counter(edition.nominations.values_list("state", flat=True)) == {"recommendation": 64}
    assert Counter(edition.nominations.values_list("recommender__name", flat=True))["市南区总工会"] == 6
    first = edition.nominations.get(subject_key="91370202MACWJHFU9L")
    assert (first.subject_name, first.rank) == ("砺石精密制造(演示)有限公司", 1)
    facts = first.declaration
    assert (facts.nature, facts.key_industry, facts.recognitions) == (
        "国有",
        "高端装备",
        ["“专精特新”中小企业"],
    )
    assert (facts.employees, facts.union_members, facts.union_founded_on) == (289, 239, date(2020, 10, 16))
    assert (facts.independent, facts.frontline_share) == (True, Decimal("72.00"))


def test_the_signed_list_is_recommended_in_the_same_breath(edition, office, now):
    intake.apply_intake(edition, SAMPLE, by=office, now=now, recommended=True)
    assert Counter(edition.nominations.values_list("state", flat=True)) == {"screening": 64}
    acts = Counter(AuditEntry.objects.filter(edition_id=edition.pk).values_list("act", flat=True))
    assert acts["nominations.import"] == 1
    assert acts["nominations.create"] == acts["nominations.submit"] == acts["nominations.recommend"] == 64


def test_the_record_keeps_the_digest_of_what_was_imported(edition, office, now):
    made = intake.apply_intake(edition, SAMPLE, by=office, now=now)
    one = Nomination.objects.get(pk=made[0].pk)
    line = AuditEntry.objects.get(act="nominations.submit", nomination_id=one.pk)
    facts = facts_of(one.subject_name, one.declaration)
    assert line.detail["digest"] == digest_of(facts, credit_code=one.enterprise.credit_code)
    assert (line.detail["version"], one.declaration.touched) == (1, [])


def test_what_is_exported_reads_back_the_same(edition, office, now):
    intake.apply_intake(edition, SAMPLE, by=office, now=now, recommended=True)
    out = io.BytesIO()
    intake.export_recommendations(edition, out, by=office)
    other = factories.edition(now=now, seats=10, nominees=20)

    def values(read):
        own = ("recommender", "rank", "name", "credit_code")
        rows = ({key: each.values[key] for key in own} | summary.declared(each.values) for each in read.rows)
        return sorted(rows, key=lambda each: each["credit_code"])

    again = intake.read_intake(other, out.getvalue(), by=office, now=now)
    first = intake.read_intake(other, SAMPLE, by=office, now=now)
    assert not again.errors
    assert values(again) == values(first)


def test_the_blank_form_is_read_as_an_empty_list(edition, office, now):
    out = io.BytesIO()
    intake.write_blank(edition, out, by=office)
    with pytest.raises(WorkbookRefused, match="没有数据"):
        intake.read_intake(edition, out.getvalue(), by=office, now=now)


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"credit_code": "91370202MA0000001X"}, "统一社会信用代码", "校验码不符"),
        ({"credit_code": "91370202"}, "统一社会信用代码", "应为 18 位"),
        ({"recommender": "蓬莱岛总工会（演示）"}, "推荐单位", "不是这一届的推荐单位"),
        ({"nature": "个体"}, "企业性质", "不是可填的企业性质"),
        ({"key_industry": "房地产"}, "十强产业", "不是“十强产业”之一"),
        ({"recognitions": "优秀企业"}, "省部级以上认定", "不是可填的省部级以上认定"),
        ({"employees": "约三百"}, "职工人数", "“约三百”"),
        ({"union_founded_on": "去年"}, "工会成立时间", "“去年”"),
        ({"independent": "也许"}, "独立法人", "不是“是”或“否”"),
        ({"frontline_share": Decimal("172")}, "一线职工教育经费占比(%)", "100"),
        ({"name": ""}, "企业名称", "没有填写"),
        ({"deeds": "长" * 2001}, "主要事迹", "太长"),
    ],
)
def test_an_error_of_a_cell_names_its_place(edition, office, now, changes, column, words):
    found = errors(edition, office, now, row(1), row(2, **changes))
    assert [(each[0], each[1]) for each in found] == [(5, column)]
    assert words in found[0][2]
    with pytest.raises(WorkbookRefused):
        intake.apply_intake(edition, book(row(1), row(2, **changes)), by=office, now=now)
    assert not Nomination.objects.exists()
    assert not Enterprise.objects.exists()


def test_the_same_enterprise_twice_in_one_file(edition, office, now):
    found = errors(edition, office, now, row(1), row(2, credit_code=factories.credit_code(1)))
    assert [(each[0], each[1]) for each in found] == [(5, "统一社会信用代码")]
    assert "与第 4 行重复" in found[0][2]


def test_the_same_rank_twice_in_one_union(edition, office, now):
    found = errors(edition, office, now, row(1), row(2, rank=1), row(3, rank=1, recommender="市北区总工会"))
    assert [(each[0], each[1]) for each in found] == [(5, "推荐排序")]


def test_a_rank_that_is_taken(edition, office, now):
    factories.nomination(edition, 9, rank=1)
    found = errors(edition, office, now, row(1))
    assert [(each[0], each[1]) for each in found] == [(4, "推荐排序")]
    assert "演示企业9（演示）" in found[0][2]


def test_an_enterprise_already_nominated_is_named_with_its_union(edition, office, now):
    factories.nomination(edition, 1, recommender="市北区")
    found = errors(edition, office, now, row(1))
    assert [(each[0], each[1]) for each in found] == [(4, "统一社会信用代码")]
    assert "已由“市北区总工会”推荐" in found[0][2]


def test_one_that_was_withdrawn_may_come_again(edition, office, now):
    factories.nomination(edition, 1, state="withdrawn")
    assert errors(edition, office, now, row(1)) == []


def test_a_recommender_brings_only_its_own(edition, recommender, now):
    found = errors(edition, recommender, now, row(1), row(2, recommender="市北区总工会"))
    assert [(each[0], each[1]) for each in found] == [(5, "推荐单位")]
    assert "不是本单位" in found[0][2]


def test_only_the_office_enters_a_signed_list(edition, recommender, now):
    with pytest.raises(Refused, match="只有办公室"):
        intake.read_intake(edition, book(row(1)), by=recommender, now=now, recommended=True)


def test_a_signed_list_past_the_quota_is_refused_whole(edition, office, now):
    set_quota(edition, factories.district("市南区"), 1, by=office, now=now)
    found = errors(edition, office, now, row(1), row(2), recommended=True)
    assert found[0][0] is None
    assert "推荐名额为 1 家" in found[0][2]
    with pytest.raises(WorkbookRefused):
        intake.apply_intake(edition, book(row(1), row(2)), by=office, now=now, recommended=True)
    assert not Nomination.objects.exists()


def test_warnings_do_not_refuse(edition, office, now):
    near = Enterprise.objects.create(credit_code=factories.credit_code(50), name="云帆精密机械有限公司")
    read = intake.read_intake(
        edition,
        book(
            row(1, name="青岛云帆精密机械有限公司", credit_code=factories.credit_code(1, "110105")),
            row(2, union_members=500),
            row(3, name="云帆精密机械2（演示）"),
        ),
        by=office,
        now=now,
    )
    assert not read.errors
    words = {each.number: " ".join(str(warning) for warning in each.warnings) for each in read.rows}
    assert "110105" in words[4]
    assert near.credit_code in words[4]
    assert "500" in words[5]
    assert "第 6 行企业名称相同" in words[5]


def test_another_registered_name_is_spoken_of(edition, office, now):
    factories.enterprise(1, name="演示原名（演示）")
    read = intake.read_intake(edition, book(row(1), row(2)), by=office, now=now)
    said = {each.number: " ".join(str(warning) for warning in each.warnings) for each in read.rows}
    assert not read.errors
    assert ("登记的企业名称是“演示原名（演示）”" in said[4], "登记的企业名称" in said[5]) == (True, False)


def test_a_closed_step_takes_no_file(edition, office, now):
    factories.nomination(edition, 90, state="screening")
    close_step(edition, "recommendation", by=office, now=now)
    with pytest.raises(Refused, match="已经关闭"):
        intake.read_intake(edition, book(row(1)), by=office, now=now)


def test_the_kept_file_is_applied_once_by_its_own_hands_within_the_hour(edition, office, now):
    kept = intake.keep_intake(edition, book(row(1), row(2)), by=office, now=now)
    assert not Nomination.objects.exists()
    with pytest.raises(Refused, match="上传文件的人"):
        intake.apply_kept(kept, by=factories.hat("office", username="second"), now=now)
    with pytest.raises(Refused, match="超过一小时"):
        intake.apply_kept(kept, by=office, now=now + timedelta(minutes=61))
    assert len(intake.apply_kept(kept, by=office, now=now + timedelta(minutes=59))) == 2
    with pytest.raises(Refused, match="已经导入过"):
        intake.apply_kept(kept, by=office, now=now)


def test_the_world_is_looked_at_again_before_applying(edition, office, now):
    kept = intake.keep_intake(edition, book(row(1), row(2)), by=office, now=now)
    factories.nomination(edition, 2)
    with pytest.raises(WorkbookRefused, match="已由“市南区总工会”推荐"):
        intake.apply_kept(kept, by=office, now=now)
    assert edition.nominations.count() == 1


def test_another_file_than_the_one_looked_through_is_refused(edition, office, now):
    digest = intake.read_intake(edition, book(row(1)), by=office, now=now).sha256
    with pytest.raises(Refused, match="不是同一份"):
        intake.apply_intake(edition, book(row(2)), by=office, now=now, sha256=digest)


def test_what_nobody_applied_goes(edition, office, now):
    old = intake.keep_intake(edition, book(row(1)), by=office, now=now)
    path = Path(old.file.path)
    assert path.exists()
    intake.keep_intake(edition, book(row(1)), by=office, now=now + timedelta(hours=2))
    assert not path.exists()
    assert IntakeFile.objects.count() == 1
