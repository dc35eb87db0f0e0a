"""类别: its form and rubric as a file, brought back changed, looked through, and put in the old one's place.

The file is JSON: {"code", "name", "form", "rubric"}; the first two only say whose it is. An edition keeps the
form it was published with; one that is not published yet and has no nomination follows its category.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from nominations.declaration import ENTERPRISE, shape_from, to_json
from nominations.declaration.category import check_form, check_rubric, check_together, differences
from nominations.models import Category, Edition, Nomination
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership
from portal.permissions import require
from portal.sentences import Sentence

MOST_BYTES = 256 * 1024


@dataclass(frozen=True)
class Change:
    """What a file would do: sentences of what differs, the editions that follow, those that keep theirs.

    `was` is the digest of what stands now, `becomes` of what the file says.
    """

    form: dict
    rubric: list
    lines: list[Sentence]
    follow: list[Edition]
    keep: list[Edition]
    was: str
    becomes: str


def write_category(category: Category) -> str:
    """The present form and rubric as the text of a file that can be brought back."""
    form = to_json(shape_from(category.form))
    whole = {"code": category.code, "name": category.name, "form": form, "rubric": category.rubric}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def digest_of(form: dict, rubric: list) -> str:
    """SHA-256 of the canonical JSON of both; the form of the house counts as what it says."""
    whole = {"form": to_json(shape_from(form)), "rubric": rubric}
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_change(category: Category, data: bytes | str, *, by: Membership) -> Change:
    """Look a file through. Raises Refused, naming the place, where it is wrong or changes nothing."""
    require(by, "nominations.change_category", category)
    form, rubric = _parts(category, data)
    was, becomes = digest_of(category.form, category.rubric), digest_of(form, rubric)
    if was == becomes:
        raise Refused("文件与现在的申报表和评审维度完全相同，没有要修改的。")
    lines = differences(shape_from(category.form), shape_from(form), before=category.rubric, after=rubric)
    editions = Edition.objects.filter(category=category, concluded_at=None).select_related("host")
    used = Exists(Nomination.objects.filter(edition=OuterRef("pk")))
    follow, keep = [], []
    for edition in editions.annotate(used=used).order_by("pk"):
        (keep if edition.published or edition.used else follow).append(edition)
    return Change(form, rubric, lines, follow, keep, was, becomes)


@transaction.atomic
def change_category(category: Category, *, text: str, was: str, by: Membership, now: datetime) -> Category:
    """Put the form and the rubric of a file in place; `was` names those the preview was against."""
    category = Category.objects.select_for_update().get(pk=category.pk)
    # Before the file is looked through: an edition is not published between the looking and the writing.
    list(Edition.objects.select_for_update(no_key=True).filter(category=category, published=False))
    change = read_change(category, text, by=by)
    if was != change.was:
        raise Refused("预览之后，这个类别又被修改过，本次没有写入。请重新上传，再核对一次。")
    rubric_changed = category.rubric != change.rubric
    category.form, category.rubric = change.form, change.rubric
    category.full_clean()
    category.save(update_fields=["form", "rubric"])
    for edition in change.follow:
        edition.form = change.form
        edition.save(update_fields=["form"])
        if rubric_changed:
            _set_rubric(edition, change.rubric)
    audit.record(
        "nominations.change_category",
        category,
        by=by,
        now=now,
        before=change.was,
        after=change.becomes,
        changed=[str(line) for line in change.lines],
        editions=[edition.pk for edition in change.follow],
    )
    return category


def _set_rubric(edition: Edition, rubric: list) -> None:
    """Nothing is scored in it yet: its dimensions become those of the category, by their codes."""
    edition.dimensions.exclude(code__in=[row["code"] for row in rubric]).delete()
    for position, row in enumerate(rubric, start=1):
        said = {key: row[key] for key in ("name", "weight", "guidance", "subpoints")}
        edition.dimensions.update_or_create(code=row["code"], defaults=said | {"position": position})


def _parts(category: Category, data: bytes | str) -> tuple[dict, list]:
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data.removeprefix("\ufeff")
        if len(text.encode()) > MOST_BYTES:
            raise Refused("文件超过 {most} KB，不是类别的设置文件。", most=MOST_BYTES // 1024)
        # A figure with a point is kept as it is written: weights are exact.
        whole = json.loads(text, parse_float=str, parse_constant=_no_number)
        whole_text = json.dumps(whole, ensure_ascii=False)
        whole_text.encode()
    except json.JSONDecodeError as problem:
        raise Refused(
            "文件不是可读的 JSON：第 {line} 行第 {column} 个字符处有误。请对照下载的文件核对。",
            line=problem.lineno,
            column=problem.colno,
        ) from None
    except (ValueError, RecursionError):
        raise Refused(N_("文件不是可读的 JSON（UTF-8）。请下载现有的文件，在它上面修改后上传。")) from None
    if "\\u0000" in whole_text:
        raise Refused(N_("文件里有不能保存的字符，请删去后再上传。"))
    if not isinstance(whole, dict) or not {"form", "rubric"} <= set(whole):
        raise Refused(N_("文件应有“form”和“rubric”两部分。请下载现有的文件，在它上面修改后上传。"))
    if unknown := sorted(set(whole) - {"code", "name", "form", "rubric"}):
        raise Refused("文件有不认识的部分：{names}。", names="、".join(unknown))
    if whole.get("code", category.code) != category.code:
        raise Refused(
            "这是另一个类别（{code}）的文件，请核对后上传“{name}”的文件。",
            code=str(whole["code"])[:40],
            name=category.name,
        )
    rubric = check_rubric(whole["rubric"])
    shape = check_form(whole["form"])
    check_together(whole["form"], rubric)
    # As the house writes it, so that what is kept has one spelling.
    return {} if shape == ENTERPRISE else to_json(shape), rubric


def _no_number(word: str):
    raise ValueError(word)
