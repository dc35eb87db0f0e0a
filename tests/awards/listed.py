"""A 名录 of a few namings, each told from the others by something."""

from datetime import date

from nominations.models import Category
from tests import factories

#: By letter: what is said of it beside the ordinary.
ROWS = {
    "a": {"name": "演示海风机械（演示）", "year": 2025, "industry": "装备制造", "number": "演市2025-1"},
    "b": {"name": "演示海风软件（演示）", "year": 2024, "industry": "软件", "number": "演市2024-Yanshi-A7"},
    "c": {
        "name": "演示山泉食品（演示）",
        "year": 2025,
        "level": "district",
        "division_name": "崂山区",
        "number": "演崂2025-3",
        "named_on": date(2025, 6, 1),
    },
    "d": {
        "name": "演示松林纺织（演示）",
        "year": 2023,
        "revoked_on": date(2025, 3, 1),
        "revoked_reason": "演示：弄虚作假",
        "number": "演市2023-2",
    },
    "e": {
        "name": "演示海风机械（演示）",
        "subject": "演示快换夹具",
        "category": "yxcxcg",
        "year": 2025,
        "number": "演成2025-1",
    },
}


def result_category() -> Category:
    """The category of results that comes with the portal, or one like it."""
    found = Category.objects.filter(subject=Category.Subject.RESULT).first()
    return found or Category.objects.create(code="yxcxcg", name="优秀创新成果", subject="result", position=9)


def listed(letters="abcde") -> dict:
    return {letter: one(letter, **ROWS[letter]) for letter in letters}


def one(key, *, name=None, subject="", category="", **fields):
    factories.city()
    number = sum(ord(each) for each in (name or f"{key}"))
    enterprise = factories.enterprise(number, name=name or f"演示企业{key}（演示）")
    if category:
        kind = result_category()
        fields |= {"category": kind, "subject_key": f"{enterprise.credit_code}-{key}"}
    day = fields.get("year", 2025)
    return factories.honour(
        enterprise,
        **{
            "subject_name": subject or enterprise.name,
            "host": factories.city(),
            "year": 2025,
            "title": "演示年度称号",
            "number": f"演示编号{key}",
            "token": f"{'0' * 20}{number:08d}{ord(str(key)[0]):04d}",
            "named_on": date(day, 12, 20),
            "named_by": factories.hat("office"),
            **fields,
        },
    )
