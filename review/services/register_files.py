"""The register of experts by Excel: handed out, read as a unit, shown before it is applied."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from nominations.rules import credit_code
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership, Role, User
from portal.permissions import require
from portal.workbook import Column, read, write
from review.models import Expert
from review.services.register import (
    add_expert,
    change_expert,
    districts,
    found,
    person_key,
    split_fields,
)

TITLE = N_("专家库")
MOST = 2000  # rows of one file


def _mail(value: str) -> None:
    try:
        validate_email(value)
    except ValidationError:
        raise Refused("不是电子邮箱地址，应为 name@example.cn 的形式。") from None


COLUMNS = (
    Column("姓名", "name", required=True, max_length=60, aliases=["专家姓名"]),
    Column("工作单位", "employer", max_length=120, width=36),
    Column("工作单位信用代码", "employer_code", code=True, check=credit_code),
    Column("专业领域", "fields", max_length=200, width=24),
    Column("职称职务", "title", max_length=60, aliases=["职称", "职务"]),
    Column("所在区市", "division_name", max_length=30, aliases=["区市"]),
    Column("联系电话", "phone", code=True, max_length=40, aliases=["电话", "手机"]),
    Column("电子邮箱", "mail", max_length=254, check=_mail, aliases=["邮箱"]),
    Column("在库", "active", "boolean"),
    Column("账户名", "user", max_length=150, aliases=["账户"]),
    Column("备注", "note", max_length=300, width=30),
)


@dataclass(frozen=True)
class Planned:
    """One row of a file: whom it is about (None: somebody new), and what it says of them."""

    number: int
    expert: Expert | None
    facts: dict
    changed: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.facts.get("name") or self.expert.name

    @property
    def words(self) -> list[str]:
        """The headings of what changes."""
        return [column.name for column in COLUMNS if column.key in self.changed]


def read_register(file, *, by: Membership) -> list[Planned]:
    """What a workbook would add and change, in its order; raises `WorkbookRefused` with all that is wrong.

    Somebody is known by the account's name, else by name and employer. An empty cell leaves what is there.
    """
    require(by, "review.manage_register")
    sheet = read(file, COLUMNS, title=TITLE, max_rows=MOST, partial=True)
    experts = list(Expert.objects.select_related("user"))
    by_account = {each.user.username: each for each in experts if each.user}
    by_person = {person_key(each.name, each.employer): each for each in experts}
    accounts = _accounts({row.values.get("user") for row in sheet})
    places = districts()
    planned, seen = [], {}
    for row in sheet:
        facts = {key: value for key, value in row.values.items() if value not in (None, "")}
        if not facts.get("name"):
            continue
        if "fields" in facts:
            facts["fields"] = split_fields(facts["fields"])
        if facts.get("division_name") not in (None, *places):
            sheet.error(
                row,
                "division_name",
                N_("没有“{name}”这个区市"),
                N_("请填写全称，例如“{example}”"),
                name=facts["division_name"],
                example=next(iter(places), ""),
            )
            continue
        account = facts.pop("user", None)
        person = person_key(facts["name"], facts.get("employer", ""))
        expert = by_account.get(account) or by_person.get(person)
        if account:
            if account not in accounts:
                sheet.error(
                    row,
                    "user",
                    N_("没有账户“{name}”，或者它没有专家身份"),
                    N_("请系统管理员先设置，或者留空"),
                    name=account,
                )
                continue
            if expert and expert.user and expert.user.username != account:
                sheet.error(
                    row,
                    "user",
                    N_("{name}已有账户“{user}”"),
                    N_("请填写“{user}”，或者留空"),
                    name=expert.name,
                    user=expert.user.username,
                )
                continue
            facts["user"] = accounts[account]
        key = ("expert", expert.pk) if expert else person
        if key in seen:
            sheet.error(
                row,
                "name",
                N_("与第 {row} 行是同一位专家“{name}”"),
                N_("请只保留一行"),
                row=seen[key],
                name=facts["name"],
            )
            continue
        seen[key] = row.number
        changed = tuple(name for name, value in facts.items() if _before(expert, name) != value)
        if expert is None or changed:
            planned.append(Planned(row.number, expert, facts, changed))
    sheet.finish()
    return planned


def _accounts(names: set) -> dict[str, User]:
    hats = Membership.objects.active().filter(
        role=Role.EXPERT, user__username__in={each for each in names if each}, user__is_active=True
    )
    return {hat.user.username: hat.user for hat in hats.select_related("user")}


def _before(expert: Expert | None, name: str):
    if expert is None:
        return [] if name == "fields" else None
    return getattr(expert, name)


def as_kept(planned: list[Planned]) -> list[dict]:
    """What a preview carries to its confirmation: plain values, and how the row stood when it was shown."""
    return [
        {
            "number": each.number,
            "expert": each.expert.pk if each.expert else None,
            "facts": {key: getattr(value, "pk", value) for key, value in each.facts.items()},
            "shown": _digest(each.expert),
        }
        for each in planned
    ]


def _digest(expert: Expert | None) -> str:
    if expert is None:
        return ""
    facts = {column.key: getattr(expert, column.key) for column in COLUMNS if column.key != "user"}
    text = json.dumps(facts | {"user": expert.user_id}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@transaction.atomic
def apply_register(rows: list[dict], *, by: Membership, now: datetime) -> tuple[int, int]:
    """Apply what was shown, all of it or nothing; returns how many were added and changed."""
    require(by, "review.manage_register")
    held = Expert.objects.select_for_update(of=("self",)).in_bulk([row["expert"] for row in rows])
    users = User.objects.in_bulk([row["facts"]["user"] for row in rows if "user" in row["facts"]])
    added = changed = 0
    for row in rows:
        expert = held.get(row["expert"])
        if _digest(expert) != row["shown"]:
            raise Refused(
                "第 {row} 行“{name}”在预览之后被改动过，本次全部没有导入。请重新上传核对。",
                row=row["number"],
                name=row["facts"].get("name", ""),
            )
        facts = dict(row["facts"])
        if "user" in facts:
            facts["user"] = users[facts["user"]]
        try:
            if expert is None:
                add_expert(**facts, by=by, now=now)
                added += 1
            else:
                change_expert(expert, **facts, by=by, now=now)
                changed += 1
        except Refused as refusal:
            raise Refused("第 {row} 行：{why}", row=row["number"], why=refusal) from None
    audit.record("review.import_register", by.organisation, by=by, now=now, added=added, changed=changed)
    return added, changed


def write_register(out, *, by: Membership, **asked) -> None:
    """The register, or the part of it that was asked for, as it can be read again."""
    require(by, "review.see_register")
    rows = [
        {
            **{column.key: getattr(each, column.key) for column in COLUMNS},
            "fields": "、".join(each.fields),
            "user": each.user.username if each.user else "",
        }
        for each in found(**asked)
    ]
    write(out, str(TITLE), COLUMNS, rows, sheet_name=TITLE)


def write_blank(out, *, by: Membership) -> None:
    """An empty form to fill in."""
    require(by, "review.manage_register")
    write(out, str(TITLE), COLUMNS, [], sheet_name=TITLE, blank=100)
