"""The departments' answers by workbook: 部门意见.xlsx, out and in."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from nominations.models import Edition
from nominations.rules import credit_code
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal.errors import N_, Refused
from portal.models import Membership, Organisation, Role
from portal.permissions import require
from portal.workbook import Column, name_key, read, same_name, write
from review.models import Opinion
from review.rules import ITEM, ITEMS
from review.services.opinions import Reply, answer_all, at_screening

TITLE = N_("部门征求意见反馈汇总表")
ANSWERS = {str(label): value for value, label in Opinion.Answer.choices}


def columns() -> list[Column]:
    return [
        Column("序号", "serial", "integer"),
        Column("部门", "department", required=True, max_length=120),
        Column("统一社会信用代码", "credit_code", code=True, required=True, check=credit_code),
        Column("企业名称", "name", required=True, max_length=120, width=36),
        Column("核查项", "item", required=True, max_length=60, width=36),
        Column(
            "结果",
            "answer",
            "choice",
            required=True,
            choices={"无异议": "clear", "有问题": "problem", "无法核查": "unable"},
        ),
        Column("说明", "explanation", max_length=500, multiline=True, width=36),
        Column("查询日期", "looked_up_on", "date", required=True),
    ]


def read_opinions(edition: Edition, file, *, by: Membership, now: datetime) -> list[tuple[int, int, Reply]]:
    """What the workbook answers, checked against the edition; raises `WorkbookRefused` with every error.

    A department may answer only for itself; the office may bring the summary of all.
    """
    require_open(edition, StepKind.SCREENING)
    sheet = read(file, columns(), unique=[("department", "credit_code", "item")])
    reader = _Reader(edition, sheet, by, localdate(now))
    replies = [reader.reply(row) for row in sheet]
    sheet.finish()
    return replies


class _Reader:
    """Looks a row's words up in what the edition knows."""

    def __init__(self, edition, sheet, by, today):
        self.sheet, self.by, self.today = sheet, by, today
        self.nominations = {
            each.enterprise.credit_code: each
            for each in edition.nominations.exclude(state=State.WITHDRAWN).select_related("enterprise")
        }
        self.questions, self.departments = {}, {}
        for question in edition.consultations.select_related("department", "edition"):
            department = question.department
            for name in (department.name, department.short_name):
                self.departments[name_key(name)] = department
            self.questions[department.pk, question.item] = question
        self.items = {name_key(item.title): item.code for item in ITEMS}

    def reply(self, row):
        nomination, question = self._nomination(row), self._question(row)
        if row["answer"] in ("problem", "unable") and not row["explanation"]:
            self.sheet.error(row, "explanation", N_("没有填写说明"), N_("结果不是“无异议”的，请写明情况"))
        if row["looked_up_on"] and row["looked_up_on"] > self.today:
            self.sheet.error(row, "looked_up_on", N_("查询日期晚于今天"), N_("请填写实际查询的日期"))
        if nomination and question and row["answer"] and row["looked_up_on"]:
            reply = Reply(row["answer"], row["explanation"] or "", row["looked_up_on"])
            return nomination.pk, question.pk, reply
        return None

    def _nomination(self, row):
        if not row["credit_code"]:
            return None
        nomination = self.nominations.get(row["credit_code"])
        if nomination is None:
            self.sheet.error(row, "credit_code", N_("本届没有推荐这家企业"), N_("请对照本届推荐名单核对"))
        elif nomination.state != State.SCREENING:
            self.sheet.error(
                row,
                "credit_code",
                N_("“{name}”不在资格审查环节"),
                N_("请删除这一行"),
                name=nomination.subject_name,
            )
        elif row["name"] and not same_name(row["name"], nomination.subject_name):
            self.sheet.error(
                row,
                "name",
                N_("名称与信用代码不符"),
                N_("该代码对应“{name}”"),
                name=nomination.subject_name,
            )
        else:
            return nomination
        return None

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


@transaction.atomic
def apply_opinions(
    edition: Edition, replies: list[tuple[int, int, Reply]], *, by: Membership, now: datetime
) -> list[Opinion]:
    """Enter what `read_opinions` read, all of it or none of it."""
    if not replies:
        raise Refused("文件中没有可以导入的答复。")
    return answer_all(replies, edition, by=by, now=now)


def opinions_template(edition: Edition, department: Organisation, out, *, by: Membership) -> None:
    """The department's own workbook: every enterprise and item already filled in, answers where given."""
    questions = list(edition.consultations.filter(department=department).select_related("edition"))
    if not questions:
        raise Refused("本届没有向{department}征求意见。", department=department.short_name)
    require(by, "review.answer", questions[0])
    write(out, TITLE, columns(), _rows(edition, department, questions), subtitle=None)


def _rows(edition, department, questions):
    given = {
        (each.nomination_id, each.consultation_id): each
        for each in Opinion.objects.filter(consultation__in=questions)
    }
    words = {value: word for word, value in ANSWERS.items()}
    serial = 0
    for nomination in at_screening(edition):
        for question in questions:
            serial += 1
            opinion = given.get((nomination.pk, question.pk))
            yield {
                "serial": serial,
                "department": department.short_name,
                "credit_code": nomination.enterprise.credit_code,
                "name": nomination.subject_name,
                "item": ITEM[question.item].title,
                "answer": words[opinion.answer] if opinion else "",
                "explanation": opinion.explanation if opinion else "",
                "looked_up_on": opinion.looked_up_on if opinion else None,
            }
