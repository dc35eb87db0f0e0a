"""部门征求意见反馈汇总表 as offices type it themselves: no keys, each row found by its words.

What a department looks up is of the enterprise. Where an enterprise has several results, a row that names
none of them answers for all of them, and one that names one for that one alone.
"""

from collections import defaultdict
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from nominations import subjects
from nominations.models import Edition
from nominations.rules import credit_code
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal.errors import N_, Refused
from portal.models import Membership, Role
from portal.workbook import Column, name_key, read, same_name
from review.models import Opinion
from review.rules import ITEM, ITEMS
from review.services.opinions import Reply, answer_all, require_answering
from review.services.standing import now_asked

TITLE = "部门征求意见反馈汇总表"
#: The words of the sheet, whatever language the reader has.
WORDS = {"无异议": "clear", "有问题": "problem", "无法核查": "unable"}
MAX_ROWS = 20_000


def columns(edition: Edition, *, required: bool = True) -> list[Column]:
    return [
        Column("序号", "serial", "integer"),
        Column("部门", "department", required=required, max_length=120),
        Column("统一社会信用代码", "credit_code", code=True, required=required, check=credit_code),
        Column("企业名称", "name", required=required, max_length=120, width=36),
        *subjects.subject_columns(edition),
        Column("核查项", "item", required=required, max_length=60, width=36),
        Column("结果", "answer", "choice", required=required, choices=WORDS, width=10),
        Column("说明", "explanation", max_length=500, multiline=True, width=36),
        Column("何时起", "since", "date", width=12),
        Column("查询日期", "looked_up_on", "date", required=required, width=12),
    ]


def read_opinions(edition: Edition, file, *, by: Membership, now: datetime) -> list[tuple[int, int, Reply]]:
    """What the workbook answers, checked against the edition; raises `WorkbookRefused` with every error.

    A department may answer only for itself; the office may bring the summary of all.
    """
    rows, _notices = read_list(edition, file, by=by, now=now)
    return [(nomination.pk, question.pk, reply) for _number, nomination, question, reply in rows]


def read_list(edition: Edition, file, *, by: Membership, now: datetime):
    """The same with the rows' numbers, and what the reader put right: (rows, notices)."""
    require_answering(edition, by)
    require_open(edition, StepKind.SCREENING)
    heads = columns(edition)
    beside = [subjects.KEY] if any(each.key == subjects.KEY for each in heads) else []
    unique = [("department", "credit_code", *beside, "item")]
    sheet = read(file, heads, unique=unique, max_rows=MAX_ROWS)
    reader = _Reader(edition, sheet, by, localdate(now))
    rows = [each for row in sheet for each in reader.answered(row)]
    sheet.finish()
    return rows, sheet.notices


@transaction.atomic
def apply_opinions(
    edition: Edition, replies: list[tuple[int, int, Reply]], *, by: Membership, now: datetime
) -> list[Opinion]:
    """Enter what `read_opinions` read, all of it or none of it."""
    if not replies:
        raise Refused("文件中没有可以导入的答复。")
    return answer_all(replies, edition, by=by, now=now)


def check_reply(sheet, row, today) -> None:
    """What is wrong with an answer whoever typed it."""
    unsaid = row["answer"] in ("problem", "unable") and not row["explanation"]
    if unsaid and not any(each.row == row.number and each.column_name == "说明" for each in sheet.errors):
        sheet.error(row, "explanation", N_("没有填写说明"), N_("结果不是“无异议”的，请写明情况"))
    if row["looked_up_on"] and row["looked_up_on"] > today:
        sheet.error(row, "looked_up_on", N_("查询日期晚于今天"), N_("请填写实际查询的日期"))
    if row["since"] and row["since"] > today:
        sheet.error(row, "since", N_("起始日期晚于今天"), N_("请填写问题实际开始的日期，不清楚的留空"))


def reply_of(row, version: int | None = None) -> Reply:
    """委员会决定: since when is asked of a problem only; beside another answer it says nothing."""
    since = row["since"] if row["answer"] == Opinion.Answer.PROBLEM else None
    return Reply(row["answer"], row["explanation"] or "", row["looked_up_on"], version, since)


class _Reader:
    """Looks a row's words up in what the edition knows."""

    def __init__(self, edition, sheet, by, today):
        self.edition, self.sheet, self.by, self.today = edition, sheet, by, today
        found = list(edition.nominations.exclude(state=State.WITHDRAWN).select_related("enterprise"))
        self.nominations = subjects.by_row(edition, found)
        self.of_enterprise = defaultdict(list)
        for each in found:
            self.of_enterprise[each.enterprise.credit_code].append(each)
        self.said: dict[tuple[int, int], int] = {}
        self.asked = now_asked(edition)
        self.questions, self.departments = {}, {}
        for question in edition.consultations.select_related("department", "edition"):
            department = question.department
            for name in (department.name, department.short_name):
                self.departments[name_key(name)] = department
            self.questions[department.pk, question.item] = question
        self.items = {name_key(item.title): item.code for item in ITEMS}

    def answered(self, row):
        """What the row says, once for each nomination it speaks of."""
        nominations, question = self._nominations(row), self._question(row)
        check_reply(self.sheet, row, self.today)
        if not (question and row["answer"] and row["looked_up_on"]):
            return
        for nomination in nominations:
            before = self.said.setdefault((nomination.pk, question.pk), row.number)
            if before != row.number and all(each.row != row.number for each in self.sheet.errors):
                self.sheet.error(
                    row,
                    None,
                    N_("“{name}”的这一项在第 {row} 行已经答复"),
                    N_("请只保留一行"),
                    name=nomination.subject_name,
                    row=before,
                )
                return
            yield row.number, nomination, question, reply_of(row)

    def _nominations(self, row):
        """One, or all that are asked about now of an enterprise whose row names none of its results."""
        named = self._named(row)
        asked = [each for each in named if each.state == State.SCREENING and each.pk in self.asked]
        if not named:
            return []
        if not asked:
            self._refuse_unasked(row, named[0])
            return []
        name = subjects.cells_of(self.edition, asked[0])["name"]
        if row["name"] and not same_name(row["name"], name):
            self.sheet.error(row, "name", N_("名称与信用代码不符"), N_("该代码对应“{name}”"), name=name)
            return []
        return asked

    def _named(self, row):
        code, name = row["credit_code"], row.values.get(subjects.KEY)
        if not code:
            return []
        of_enterprise = self.of_enterprise.get(code)
        if of_enterprise is None:
            self.sheet.error(row, "credit_code", N_("本届没有推荐这家企业"), N_("请对照本届推荐名单核对"))
            return []
        if not name:
            return of_enterprise
        found = self.nominations.get(subjects.row_key(self.edition, code, name))
        if found is None:
            self.sheet.error(
                row,
                subjects.KEY,
                N_("本届没有推荐这家企业的“{name}”"),
                N_("应为：{names}；留空的，答复适用于全部"),
                name=name,
                names="、".join(each.subject_name for each in of_enterprise),
            )
            return []
        return [found]

    def _refuse_unasked(self, row, nomination):
        if nomination.state != State.SCREENING:
            problem, expected = N_("“{name}”不在资格审查环节"), N_("请删除这一行")
        else:
            problem, expected = N_("“{name}”还没有送部门联审"), N_("请等办公室送出这一批，或删除这一行")
        self.sheet.error(row, "credit_code", problem, expected, name=nomination.subject_name)

    def _question(self, row):
        department = self._department(row)
        if department is None or not row["item"]:
            return None
        item = self.items.get(name_key(row["item"]))
        question = self.questions.get((department.pk, item))
        if question is None:
            asked = [ITEM[code].title for pk, code in self.questions if pk == department.pk]
            self.sheet.error(
                row,
                "item",
                N_("没有向{department}征求这一项意见"),
                N_("应为：{items}"),
                department=department.short_name,
                items="、".join(asked),
            )
        return question

    def _department(self, row):
        if not row["department"]:
            return None
        department = self.departments.get(name_key(row["department"]))
        if department is None:
            self.sheet.error(
                row, "department", N_("本届没有向这个部门征求意见"), N_("请对照征求意见的部门名单核对")
            )
        elif self.by.role == Role.DEPARTMENT and department.pk != self.by.organisation_id:
            self.sheet.error(
                row,
                "department",
                N_("只能答复本部门的意见"),
                N_("应为“{name}”"),
                name=self.by.organisation.short_name,
            )
        else:
            return department
        return None
