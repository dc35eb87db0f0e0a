"""What an edition selects: the enterprise itself, or a person, studio, team or result of it.

The kind of the category's subject decides the words of pages and sheets, and by what a row of a workbook is
known. A row is known by the credit code alone where the enterprise is selected; one enterprise may have
several results, so that there the name of the result stands beside the code.
"""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext

from nominations import rules
from nominations.models import Category, Edition, Nomination
from portal.errors import N_
from portal.workbook import Column

Subject = Category.Subject

#: What the name of a subject is called, on a page and over a column.
TITLES = {
    Subject.ENTERPRISE: N_("企业名称"),
    Subject.PERSON: N_("姓名"),
    Subject.STUDIO: N_("工作室名称"),
    Subject.TEAM: N_("班组名称"),
    Subject.RESULT: N_("成果名称"),
}
#: How many of them there are, as a sentence says it.
MEASURES = {
    Subject.ENTERPRISE: N_("{n} 家"),
    Subject.PERSON: N_("{n} 人"),
    Subject.STUDIO: N_("{n} 个"),
    Subject.TEAM: N_("{n} 个"),
    Subject.RESULT: N_("{n} 项"),
}
#: To enter one of them.
ADDING = {
    Subject.ENTERPRISE: N_("推荐一家企业"),
    Subject.PERSON: N_("推荐一名个人"),
    Subject.STUDIO: N_("推荐一个工作室"),
    Subject.TEAM: N_("推荐一个班组"),
    Subject.RESULT: N_("推荐一项成果"),
}
#: The same on official paper, which is Chinese.
COUNTED = {
    Subject.ENTERPRISE: "{n}家企业",
    Subject.PERSON: "{n}名个人",
    Subject.STUDIO: "{n}个工作室",
    Subject.TEAM: "{n}个班组",
    Subject.RESULT: "{n}项成果",
}
#: How paper that is handed to them speaks of them.
CALLED = {
    Subject.ENTERPRISE: "你单位",
    Subject.PERSON: "你",
    Subject.STUDIO: "你工作室",
    Subject.TEAM: "你班组",
    Subject.RESULT: "该成果",
}
#: The key of the column that stands beside the credit code where the subject is not the enterprise.
KEY = "subject_name"


def is_enterprise(edition: Edition) -> bool:
    """Whether what the edition selects is the enterprise itself."""
    return edition.category.subject == Subject.ENTERPRISE


def title_of(edition: Edition) -> str:
    """What the name of its subjects is called (企业名称, 成果名称 …), not translated."""
    return title_in(edition.category)


def title_in(category: Category) -> str:
    """The same of a category."""
    return TITLES[Subject(category.subject)]


def measured(edition: Edition, n: int | str) -> str:
    """So many of them, in the reader's language: 12 家, 8 项."""
    return gettext(MEASURES[Subject(edition.category.subject)]).format(n=n)


def counted(category: Category, n: int) -> str:
    """So many of them on official paper: 12家企业, 8项成果."""
    return COUNTED[Subject(category.subject)].format(n=n)


def beside(thing) -> str:
    """The enterprise's name where what is selected, nominated or named is not the enterprise; else nothing.

    `thing` is a nomination or a naming with its enterprise at hand; its category is not asked for.
    """
    return thing.enterprise.name if rules.is_of_enterprise(thing.subject_key) else ""


def full_name(thing) -> str:
    """The name of the subject, and in brackets whose it is."""
    whose = beside(thing)
    return f"{thing.subject_name}（{whose}）" if whose else thing.subject_name


def of_it(thing) -> str:
    """What is said after the name of the enterprise in a sentence to or about it: 的“…”, or nothing."""
    return f"的“{thing.subject_name}”" if beside(thing) else ""


def subject_columns(edition: Edition, *, required: bool = False) -> list[Column]:
    """The column to stand beside 统一社会信用代码, or none where the enterprise is the subject.

    `required` as for `Column`: of a sheet that is read.
    """
    if is_enterprise(edition):
        return []
    return [Column(title_of(edition), KEY, required=required, max_length=120)]


def translated_columns(edition: Edition) -> list[Column]:
    """The same for a sheet whose headings follow the reader's language; only written, never read."""
    return [Column(gettext(each.name), each.key, width=32) for each in subject_columns(edition)]


def cells_of(edition: Edition, nomination: Nomination) -> dict[str, str]:
    """What a row says of who it is about: `name` is the enterprise's, `subject_name` only where asked.

    The nomination has its enterprise at hand.
    """
    enterprise = nomination.enterprise
    if is_enterprise(edition):
        return {"name": nomination.subject_name, "credit_code": enterprise.credit_code}
    return {"name": enterprise.name, "credit_code": enterprise.credit_code, KEY: nomination.subject_name}


def row_key(edition: Edition, code: str | None, name: str | None) -> str:
    """By what a row is found in `by_row`; `name` is its `subject_name` cell, of no account for an enterprise.

    Empty where the row does not say enough.
    """
    if is_enterprise(edition):
        return code or ""
    return rules.subject_key(code, name) if code and name else ""


def by_row(edition: Edition, nominations: Iterable[Nomination]) -> Mapping[str, Nomination]:
    """Each nomination, its enterprise at hand, by the key of its row.

    One whose name was put right later is found under the name it had as well, unless that is another's now.
    """
    rows = list(nominations)
    before = {each.subject_key: each for each in rows}
    return before | {row_key(edition, each.enterprise.credit_code, each.subject_name): each for each in rows}
