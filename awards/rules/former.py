"""委员会决定: what a naming of former years must say; it has only its paper to go by."""

from datetime import date

from portal.errors import N_
from portal.sentences import Sentence, sentence

Fault = tuple[Sentence, Sentence]


def day_fault(named_on: date, year: int, today: date) -> Fault | None:
    """委员会决定: named not after today, and not before the year it is for; what is wrong, and what to do."""
    if named_on > today:
        return sentence(N_("命名日期 {day} 还没有到"), day=named_on), sentence(N_("请按文件核对命名日期"))
    if named_on.year < year:
        return (
            sentence(N_("命名日期 {day} 早于 {year} 年度"), day=named_on, year=year),
            sentence(N_("请按文件核对年度和命名日期")),
        )
    return None


def subject_fault(subject: str, of_enterprise: bool, kind: str, category: str) -> Fault | None:
    """委员会决定: what is named is the enterprise itself, or something of its own that has a name.

    `kind` is the word for it, as 班组; `category` the category's name.
    """
    if of_enterprise and subject:
        return (
            sentence(N_("“{category}”命名的是企业，不填写命名对象"), category=category),
            sentence(N_("请清空命名对象；企业写在企业名称里")),
        )
    if not of_enterprise and not subject:
        return (
            sentence(N_("没有填写命名对象"), category=category),
            sentence(N_("“{category}”命名的是{kind}，请填写它的名称"), category=category, kind=kind),
        )
    return None
