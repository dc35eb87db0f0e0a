"""What a form and a rubric of a category must be: what is wrong, and that the sentence names the place."""

import copy
import json
from pathlib import Path

import pytest

from nominations.declaration import ENTERPRISE, from_json, to_json
from nominations.declaration.category import (
    check_form,
    check_rubric,
    check_together,
    differences,
    fits_a_cell,
)
from portal.errors import Refused

FIXTURES = sorted((Path(__file__).resolve().parents[2] / "fixtures" / "categories").glob("*.json"))


def result() -> dict:
    return json.loads(next(path for path in FIXTURES if "cxcg" in path.name).read_text("utf-8"))


def rubric(*rows):
    return [{"code": code, "name": name, "weight": weight} for code, name, weight in rows]


GOOD = rubric(("novelty", "创新性", "60"), ("spread", "推广价值", 40))


def test_a_rubric_is_kept_with_its_weights_as_text_and_everything_said():
    assert check_rubric(GOOD) == [
        {"code": "novelty", "name": "创新性", "weight": "60", "guidance": "", "subpoints": []},
        {"code": "spread", "name": "推广价值", "weight": "40", "guidance": "", "subpoints": []},
    ]
    assert [row["weight"] for row in check_rubric(rubric(("a", "甲", "33.34"), ("b", "乙", "66.66")))] == [
        "33.34",
        "66.66",
    ]


# Written by hand: what is brought, what the sentence says.
WRONG_RUBRICS = [
    ({}, "应是一个列表"),
    ([], "1 至 10 个"),
    (rubric(*((f"d{n}", f"维{n}", "9") for n in range(11))), "现有 11 个"),
    (["创新性"], "第 1 个评审维度"),
    ([{"code": "a", "weight": "100"}], "第 1 个评审维度的名称"),
    (rubric(("a", "甲" * 61, "100")), "名称应有 1 至 60 个字"),
    (rubric(("A", "甲", "100")), "“甲”的编码“A”不对"),
    (rubric((7, "甲", "100")), "编码“7”不对"),
    (rubric(("a", "甲", "60"), ("a", "乙", "40")), "编码“a”出现了两次"),
    (rubric(("a", "甲", "60"), ("b", "甲", "40")), "名称“甲”出现了两次"),
    (rubric(("a", "甲", "60"), ("b", "乙", "39.99")), "应为 100，现为 99.99"),
    (rubric(("a", "甲", "0"), ("b", "乙", "100")), "“甲”的权重应大于 0"),
    (rubric(("a", "甲", "-20"), ("b", "乙", "120")), "“甲”的权重"),
    (rubric(("a", "甲", "33.335"), ("b", "乙", "66.665")), "最多两位小数"),
    (rubric(("a", "甲", 60.0), ("b", "乙", "40")), "“甲”的权重"),
    (rubric(("a", "甲", True), ("b", "乙", "99")), "“甲”的权重"),
    (rubric(("a", "甲", "NaN"), ("b", "乙", "40")), "“甲”的权重"),
    (rubric(("a", "甲", "六十"), ("b", "乙", "40")), "“甲”的权重"),
    ([{**GOOD[0], "weight": "100", "colour": "red"}], "“创新性”有不认识的设置：colour"),
    ([{**GOOD[0], "weight": "100", "guidance": 3}], "“创新性”的评分要点"),
    ([{**GOOD[0], "weight": "100", "subpoints": "一行"}], "“创新性”的分项"),
    ([{**GOOD[0], "weight": "100", "subpoints": [" "]}], "“创新性”的分项"),
    (rubric(("comment", "甲", "100")), "“甲”的编码“comment”是专家评分表自用的"),
    (rubric(("name", "甲", "100")), "“甲”的编码“name”是专家评分表自用的"),
    (rubric(("a", "评语", "100")), "“评语”与专家评分表的另一栏同名"),
    (rubric(("a", "企业 名称：", "100")), "“企业 名称：”与专家评分表的另一栏同名"),
    (rubric(("a", "总", "100")), "“总”与专家评分表的另一栏同名"),
    (rubric(("a", "甲", "60"), ("b", "甲评语", "40")), "“甲评语”与专家评分表的另一栏同名"),
    (rubric(("a", "甲A", "60"), ("b", "甲ａ*", "40")), "“甲ａ*”与专家评分表的另一栏同名"),
]


@pytest.mark.parametrize(("data", "says"), WRONG_RUBRICS)
def test_a_rubric_that_cannot_be_used_is_refused_by_the_name_of_its_dimension(data, says):
    with pytest.raises(Refused) as refused:
        check_rubric(data)
    assert says in str(refused.value)


def field(form, key):
    return next(each for section in form["sections"] for each in section["fields"] if each["key"] == key)


def drop(form, key):
    for section in form["sections"]:
        section["fields"] = [each for each in section["fields"] if each["key"] != key]


WRONG_FORMS = [
    (lambda form: form.clear() or form.update(parts=[]), "不认识的设置：parts"),
    (lambda form: form.update(sections=[]), "至少一节"),
    (lambda form: form["sections"][0].pop("title"), "第 1 节没有标题"),
    (lambda form: form["sections"][0].update(fields=[]), "“成果情况”一节没有内容"),
    (lambda form: form["sections"][0].update(colour="red"), "“成果情况”有不认识的设置：colour"),
    (lambda form: form["sections"][1].update(key="result"), "“result”这一节的代号出现了两次"),
    (lambda form: field(form, "problem").update(key="points"), "“points”出现了两次"),
    (lambda form: field(form, "problem").update(key="Problem"), "“Problem”不能作代号"),
    (lambda form: field(form, "problem").update(kind="picture"), "“解决的问题”设置有误：kind"),
    (lambda form: field(form, "problem").update(most="500"), "“解决的问题”设置有误：most"),
    (lambda form: field(form, "problem").update(most=-1), "字数或行数"),
    (lambda form: field(form, "problem").update(need="must"), "“解决的问题”设置有误：need"),
    (lambda form: field(form, "problem").update(title=" "), "“problem”没有标题"),
    (lambda form: field(form, "kind").update(choices=["甲", "甲"]), "“成果类别”的选项"),
    (lambda form: field(form, "kind").update(choices=[]), "“成果类别”设置有误：choices"),
    (lambda form: field(form, "proof").update(need="submit"), "“应用或效益证明”不能设为必填"),
    (lambda form: field(form, "authors")["columns"][1].update(need="submit"), "“主要完成人”不能设为必填"),
    (lambda form: field(form, "name").update(need="optional"), "“成果名称”应设为必填"),
    (lambda form: field(form, "nature").update(kind="text", choices=[]), "“企业性质”（nature）应是“choice”"),
    (lambda form: field(form, "nature").update(choices=["民营"]), "“企业性质”（nature）的选项是固定的"),
    (lambda form: field(form, "contact_phone").pop("private"), "“联系电话”（contact_phone）是联系方式"),
    (lambda form: field(form, "name").update(most=121), "“成果名称”（name）应写明字数上限（most），最多 120"),
    (lambda form: field(form, "industry").pop("most"), "“所属行业”（industry）应写明字数上限"),
    (lambda form: field(form, "note").update(core=False), "“备注”设置有误：core"),
    *(
        (lambda form, key=key: drop(form, key), f"（{key}）")
        for key in ("name", "division_name", "nature", "independent", "union_founded_on", "deeds")
    ),
    (lambda form: drop(form, "contact_name"), "缺少“联系人”"),
    *(
        (lambda form, key=key: field(form, "problem").update(key=key), f"“{key}”是系统自用的代号")
        for key in ("key", "serial", "rank", "enterprise_name", "subject_name", "credit_code")
    ),
    (lambda form: field(form, "problem").update(title="成果 类别："), "“成果类别”在推荐填报表里是同一个栏名"),
    (lambda form: field(form, "problem").update(title="推荐单位"), "“推荐单位”与推荐填报表原有的一栏同名"),
    (lambda form: field(form, "problem").update(title="企业名称（必填）"), "与推荐填报表原有的一栏同名"),
    (
        lambda form: (
            field(form, "industry").update(title="行业"),
            field(form, "problem").update(title="所属行业"),
        ),
        "“所属行业”",
    ),
    (lambda form: field(form, "authors")["columns"][1].update(key="name"), "“name”出现了两次"),
]


@pytest.mark.parametrize(("change", "says"), WRONG_FORMS)
def test_a_form_that_cannot_be_used_is_refused_by_the_title_of_its_field(change, says):
    form = result()["form"]
    change(form)
    with pytest.raises(Refused) as refused:
        check_form(form)
    assert says in str(refused.value)


@pytest.mark.parametrize("data", [None, [], "表", {"sections": {}}, {"sections": ["节"]}, {"sections": [{}]}])
def test_what_is_no_form_at_all_is_refused(data):
    with pytest.raises(Refused, match="申报表"):
        check_form(data)


def test_too_many_fields_are_refused():
    form = result()["form"]
    form["sections"][0]["fields"] += [{"key": f"more_{n}", "title": f"又一项 {n}"} for n in range(150)]
    with pytest.raises(Refused, match="最多 150 项"):
        check_form(form)


def test_an_empty_form_is_that_of_the_house_and_that_one_keeps_the_rules():
    assert check_form({}) is ENTERPRISE
    assert check_form(to_json(ENTERPRISE)) == ENTERPRISE


def test_a_section_names_a_dimension_of_the_rubric():
    form = result()["form"]
    with pytest.raises(Refused, match="“先进程度”一节对应的评审维度“advance”不在"):
        check_together(form, GOOD)
    with pytest.raises(Refused, match="“全员创新机制建设”一节"):
        check_together({}, GOOD)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_the_six_that_are_shipped_keep_the_rules(path):
    row = json.loads(path.read_text("utf-8"))
    shape = check_form(row["form"])
    assert check_rubric(row["rubric"]) == row["rubric"]
    check_together(row["form"], row["rubric"])
    if row["form"]:
        assert from_json(to_json(shape)) == shape
        # Every dimension has material of its own, and nothing asks for a number of a person's papers.
        assert {each.dimension for each in shape.sections} - {""} == {each["code"] for each in row["rubric"]}
    assert not any("身份证" in each.title for each in shape)
    assert all(fits_a_cell(each) for each in shape if each.need == "submit")


def test_there_are_six_each_with_its_kind_of_subject():
    rows = [json.loads(path.read_text("utf-8")) for path in FIXTURES]
    assert [(row["name"], row["subject"]) for row in rows] == [
        ("全员创新企业", "enterprise"),
        ("工匠", "person"),
        ("劳模和工匠人才创新工作室", "studio"),
        ("创新型班组", "team"),
        ("职工创新能手", "person"),
        ("职工优秀创新成果", "result"),
    ]
    assert [row["position"] for row in rows] == [1, 2, 3, 4, 5, 6]


def test_what_changes_is_said_line_by_line():
    old, new = result(), copy.deepcopy(result())
    drop(new["form"], "trade")
    field(new["form"], "problem").update(title="解决的难题", most=800)
    new["form"]["sections"][0]["fields"].append({"key": "unit", "title": "使用单位"})
    new["rubric"][0]["weight"], new["rubric"][1]["weight"] = "35", "15"
    new["rubric"][3]["guidance"] = "另写要点"
    lines = differences(
        check_form(old["form"]), check_form(new["form"]), before=old["rubric"], after=new["rubric"]
    )
    assert [str(line) for line in lines] == [
        "申报表新增“使用单位”",
        "申报表的“解决的难题”修改了：名称、字数或行数",
        "申报表删去“专业领域”",
        "评审维度“创新性”的权重由 30 改为 35",
        "评审维度“先进性”的权重由 20 改为 15",
        "评审维度“推广价值”的名称、评分要点或分项有修改",
    ]
