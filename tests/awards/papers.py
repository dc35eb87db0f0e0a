"""Small papers of a selection: six who go to the vote, one who falls short, one refused."""

import csv
import json
from pathlib import Path

from openpyxl import Workbook, load_workbook

EDITION = {
    "title": "小样选树（演示）",
    "year": 2026,
    "seats": 3,
    "ratio": "6/5",
    "nominees": 6,
    "expert_weight": "70",
    "vote_weight": "30",
    "dimension_weights": {"mechanism": "35", "platform": "30", "effect": "35"},
    "min_sheets": 3,
    "trim_from": 5,
    "min_picks": 1,
    "max_picks": 2,
    "ballots_per": "poll",
    "poll_opens": "2026-07-01T08:00:00+08:00",
    "poll_closes": "2026-07-08T08:00:00+08:00",
    "notice_workdays": 5,
    "notice_published": "2026-09-24",
}
# name, credit code, nature, key industry, recognition, the score all three experts give in every dimension
FIRMS = (
    ("甲", "91370202MA2TH3BJ32", "国有", None, None, 90),
    ("乙", "91370211MADD272H4D", "国有", None, None, 88),
    ("丙", "91370212MAD1TJ3Y9Q", "国有", None, None, 86),
    ("丁", "91370281MAH3J9HT4H", "国有", None, None, 80),
    ("戊", "91370211MA8EGHRF20", "国有", None, None, 80),
    ("己", "91370214MAJJC171X0", "国有", None, None, 70),
    ("庚", "91370202MACWJHFU9L", "国有", None, None, 60),
    ("辛", "91370203MAQ4T1YN37", "国有", None, None, None),
)
CODES = {name: code for name, code, *_rest in FIRMS}
DIVISIONS = {
    "370202": "市南区",
    "370203": "市北区",
    "370211": "黄岛区",
    "370212": "崂山区",
    "370214": "城阳区",
    "370281": "胶州市",
}
# Picks: 甲 4, 乙 3, 丙 3, 丁 2, 戊 2, 己 1.
BALLOTS = ("甲乙", "甲乙", "甲乙", "甲丙", "丙丁", "丙丁", "戊己", "戊")


def company(name: str) -> str:
    return f"{name}字制造（演示）有限公司"


def write_paper(folder: Path, *, natures=None, verdicts=None, edition=None, ballots=BALLOTS) -> Path:
    """A folder of paper. `natures` and `verdicts` change what is said of a firm by its name."""
    folder.mkdir(parents=True, exist_ok=True)
    natures, verdicts = natures or {}, verdicts or {}
    (folder / "edition.json").write_text(json.dumps({**EDITION, **(edition or {})}), encoding="utf-8")
    book(
        folder / "推荐汇总表.xlsx",
        "序号 推荐单位 推荐排序 企业名称 统一社会信用代码 所属区市 企业性质 所属行业 十强产业 职工人数"
        " 工会成立时间 工会会员数 省部级以上认定 独立法人 一线职工教育经费占比(%) 联系人"
        " 联系电话 主要事迹 备注",
        [
            (
                number,
                "市南区总工会",
                number,
                company(name),
                code,
                DIVISIONS[code[2:8]],
                natures.get(name, nature),
                "制造业",
                industry,
                100,
                "2001-05-01",
                90,
                recognition,
                "是",
                70,
                "演示联系人",
                "19900000001",
                "开展五小活动（演示）",
                None,
            )
            for number, (name, code, nature, industry, recognition, _score) in enumerate(FIRMS, start=1)
        ],
    )
    book(
        folder / "部门意见.xlsx",
        "序号 部门 统一社会信用代码 企业名称 核查项 结果 说明 查询日期",
        [
            (
                number,
                "市科技局",
                code,
                company(name),
                "科研严重失信行为",
                "有问题" if score is None else "无异议",
                "查有记录（演示）" if score is None else None,
                "2026-05-10",
            )
            for number, (name, code, *_rest, score) in enumerate(FIRMS, start=1)
        ],
    )
    book(
        folder / "专家评分表.xlsx",
        "专家编号 统一社会信用代码 企业名称 全员创新机制建设 全员创新平台载体建设 全员创新效果 回避 评语",
        [
            (expert, code, company(name), score, score, score, None, None)
            for name, code, *_rest, score in FIRMS
            for expert in ("E01", "E02", "E03")
            if score is not None
        ],
    )
    with (folder / "选票.csv").open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(["phone", "cast_at", "picks"])
        for number, names in enumerate(ballots, start=1):
            codes = ";".join(CODES[name] for name in names)
            out.writerow([f"199000000{number:02d}", f"2026-07-02 09:00:{number:02d}", codes])
    book(
        folder / "考察记录.xlsx",
        "序号 统一社会信用代码 企业名称 考察日期 考察组长 考察成员 结论 问题",
        [
            (
                number,
                code,
                company(name),
                "2026-08-04",
                "演示组长",
                "演示成员",
                verdicts.get(name, "合格"),
                "与申报不符（演示）" if name in verdicts else None,
            )
            for number, (name, code, *_rest) in enumerate(FIRMS, start=1)
        ],
    )
    return folder


def book(path: Path, heads: str, rows) -> None:
    workbook = Workbook()
    sheet = workbook.active
    sheet.append([path.stem])
    sheet.append(["填报单位(盖章):"])
    sheet.append(heads.split())
    for row in rows:
        sheet.append(row)
    sheet.append(["填报人:"])
    workbook.save(path)


def change_cell(path: Path, row: int, column: int, value) -> None:
    """Type something else into one cell of a written paper."""
    workbook = load_workbook(path)
    workbook.active.cell(row, column).value = value
    workbook.save(path)
