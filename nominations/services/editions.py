"""Setting up an edition, changing it while it may be changed, freezing its rules."""

import hashlib
import json
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.db import transaction

from nominations.folder import REQUIRABLE
from nominations.models import Category, Dimension, Edition, Step
from nominations.order import SCORING, check_steps, check_weights
from nominations.services.closed_rules import DIMENSIONS, closed_rules, refuse_closed, refuse_loosened
from nominations.states import StepKind
from portal import audit
from portal.errors import Refused
from portal.figures import decimal_text
from portal.models import Membership, Organisation
from portal.permissions import require

#: What the committee decides of the experts' work.
REVIEW = ("sheets_each", "comment_below", "comment_above", "same_district_conflict", "discussion")
#: What changes by acts of their own.
_NOT_CHANGED = {"id", "host", "category", "form", "published", "frozen_at", "digest", "concluded_at"}
#: Whom to ask; the record says that it changed, not what it was.
CONTACT = ("contact_address", "contact_phone", "contact_mail")
#: In the order of what the regulation itself prefers 同等条件下 (S1 四.1, 四.2), then the expert score.
TIE_BREAK = ("private", "recognised_key_industry", "expert_score")


@transaction.atomic
def create_edition(
    *,
    by: Membership,
    now: datetime,
    host: Organisation,
    category: Category,
    dimensions=None,
    guidance=None,
    dates=None,
    off: Collection[str] = (),
    **fields,
) -> Edition:
    """A new edition with its six steps, the form of its category and its dimensions.

    `dimensions` is a list of (code, name, weight), those of the category's rubric unless given; `guidance` a
    dict of code → (guidance, subpoints), likewise; `dates` a dict of step → (opens, closes) and `off` the
    steps it leaves out.
    """
    dimensions = dimensions or dimensions_of(category)
    guidance = guidance_of(category) | (guidance or {})
    edition = Edition(
        host=host, category=category, form=category.form, **{"tie_break": list(TIE_BREAK), **fields}
    )
    require(by, "nominations.create_edition", edition)
    if host.pk != by.organisation_id:
        raise Refused("只能为本单位设立届次，请切换到主办单位的办公室身份。")
    enabled = [kind for kind in StepKind if kind not in off]
    check_steps(enabled)
    check_rules(edition, dimensions, enabled)
    edition.full_clean(exclude=["tie_break"])
    edition.save()
    for position, kind in enumerate(StepKind, start=1):
        opens, closes = (dates or {}).get(kind, (None, None)) if kind in enabled else (None, None)
        Step.objects.create(
            edition=edition,
            kind=kind,
            position=position,
            enabled=kind in enabled,
            opens=opens,
            closes=closes,
        )
    _set_dimensions(edition, dimensions)
    _set_guidance(edition, guidance)
    audit.record("nominations.create_edition", edition, by=by, now=now, rules=rules_of(edition))
    return edition


@transaction.atomic
def change_edition(
    edition: Edition,
    *,
    by: Membership,
    now: datetime,
    dimensions=None,
    guidance=None,
    dates=None,
    off: Collection[str] | None = None,
    **fields,
) -> Edition:
    """Change what the committee decides; refused for the rules once they are frozen.

    `off`: the steps it leaves out from now on (None: as they are), until the recommendation is closed.
    """
    # Who writes a row that only names the edition is not waited for: the caller may hold its poll.
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require(by, "nominations.change_edition", edition)
    before, values, days = rules_of(edition), _values(edition), _dates_of(edition)
    contact = {name: getattr(edition, name) for name in CONTACT}
    if off is not None:
        _switch_steps(edition, off)
    closed = closed_rules(edition)
    if fields.get("category", edition.category) != edition.category:
        raise Refused(
            "一届的类别在设立时确定，申报表和评审维度都随类别而定，不能改换。要换类别，请另设一届。"
        )
    for name, value in fields.items():
        setattr(edition, name, value)
    now_set = [(d.code, d.name, d.weight) for d in edition.dimensions.all()]
    wanted = now_set if dimensions is None else [(c, n, Decimal(str(w))) for c, n, w in dimensions]
    check_rules(edition, wanted, edition.enabled)
    if wanted != now_set:
        if edition.frozen_at:
            raise _frozen(edition)
        refuse_closed(closed, {DIMENSIONS})
        _set_dimensions(edition, wanted)
    # As the columns have them: a number may have come as a text.
    edition.full_clean(exclude=["tie_break"])
    ruled = _differing(before, rules_of(edition))
    if edition.frozen_at and ruled:
        raise _frozen(edition)
    refuse_closed(closed, ruled)
    refuse_loosened(values, edition)
    edition.save()
    _set_dates(edition, dates or {})
    changed = _differing(values, _values(edition)) | ruled | _differing(days, _dates_of(edition))
    changed |= {name: [] for name in CONTACT if contact[name] != getattr(edition, name)}
    changed |= _set_guidance(edition, guidance or {})
    audit.record("nominations.change_edition", edition, by=by, now=now, changed=changed)
    return edition


@transaction.atomic
def publish_edition(edition: Edition, *, by: Membership, now: datetime) -> Edition:
    """Make the edition visible to those who take part in it."""
    require(by, "nominations.publish_edition", edition)
    edition.published = True
    edition.save(update_fields=["published"])
    audit.record("nominations.publish_edition", edition, by=by, now=now)
    return edition


@transaction.atomic
def freeze_rules(edition: Edition, *, by: Membership, now: datetime) -> str:
    """Fix the rules with a digest, before they matter. Doing it twice changes nothing."""
    # Who saves a sheet, or any other row of the edition, is not waited for: the caller may hold more.
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require(by, "nominations.freeze_rules", edition)
    if not edition.frozen_at:
        edition.frozen_at, edition.digest = now, rules_digest(edition)
        edition.save(update_fields=["frozen_at", "digest"])
        audit.record(
            "nominations.freeze_rules",
            edition,
            by=by,
            now=now,
            rules=rules_of(edition),
            digest=edition.digest,
        )
    return edition.digest


def rules_of(edition: Edition) -> dict:
    """Every rule the committee decided, as plain values whose canonical JSON is digested."""
    rules = {name: getattr(edition, name) for name in Edition.RULES}
    rules |= {name: decimal_text(rules[name]) for name in ("expert_weight", "vote_weight")}
    rules["dimension_weights"] = {each.code: decimal_text(each.weight) for each in edition.dimensions.all()}
    if off := [step.kind for step in edition.steps.all() if not step.enabled]:
        rules["off"] = off
    return rules


def rules_digest(edition: Edition) -> str:
    text = json.dumps(rules_of(edition), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_rules(edition: Edition, dimensions, enabled: Collection[str]) -> None:
    """委员会决定: what the numbers of an edition must satisfy to be workable."""
    if sum((Fraction(str(weight)) for _code, _name, weight in dimensions), Fraction(0)) != 100:
        raise Refused("各评审维度的权重之和应为 100，请调整后再保存。")
    check_weights(Fraction(edition.expert_weight), Fraction(edition.vote_weight), enabled)
    below, above = edition.comment_below, edition.comment_above
    if any(limit is not None and not 0 <= limit <= 100 for limit in (below, above)):
        raise Refused("须写评语的分数线应在 0 到 100 之间。")
    if below is not None and above is not None and below > above:
        raise Refused("“低于此分须写评语”不能大于“高于此分须写评语”。")
    if edition.min_picks > edition.max_picks:
        raise Refused("每票最少选的家数不能多于最多选的家数。")
    if all(step in enabled for step in SCORING) and edition.nominees < edition.seats:
        raise Refused("提名家数不能少于命名名额。")
    try:
        ratio = Fraction(edition.ratio)
    except (ValueError, ZeroDivisionError):
        raise Refused("差额比例请写成 6/5 的形式。") from None
    if not 1 <= ratio <= 5:
        raise Refused("差额比例应不小于 1、不大于 5。")
    if any(kind not in REQUIRABLE for kind in edition.evidence_required):
        raise Refused("必交佐证中有不能列为必交的类型，请重新选择。")
    unknown = [key for key in edition.tie_break if key not in TIE_BREAK]
    if unknown:
        raise Refused("同分次序中有不认识的规则：{keys}。", keys="、".join(unknown))


def dimensions_of(category: Category) -> list[tuple[str, str, str]]:
    """The dimensions of a category as `create_edition` takes them; Refused where nobody has set any."""
    if not category.rubric:
        raise Refused("类别“{name}”还没有评审维度，请先在类别页面设置，再设立这一届。", name=category.name)
    return [(row["code"], row["name"], row["weight"]) for row in category.rubric]


def guidance_of(category: Category) -> dict[str, tuple[str, list[str]]]:
    """Code of the dimension → (guidance, subpoints), as the category has them."""
    return {row["code"]: (row["guidance"], row["subpoints"]) for row in category.rubric}


def _differing(before: dict, after: dict) -> dict[str, list]:
    both = {key: [before.get(key, []), after.get(key, [])] for key in {**before, **after}}
    return {key: pair for key, pair in both.items() if pair[0] != pair[1]}


def _values(edition: Edition) -> dict:
    """What is set with an edition and goes on the record when it changes, contacts left out."""
    names = (column.name for column in Edition._meta.concrete_fields)
    return {name: getattr(edition, name) for name in names if name not in {*_NOT_CHANGED, *CONTACT}}


def _frozen(edition) -> Refused:
    if edition.has(StepKind.VOTING):
        return Refused("评选规则已随投票开启而冻结，不能再修改。")
    return Refused("评选规则已随评审任务下发而冻结，不能再修改。")


def _switch_steps(edition, off) -> None:
    """委员会决定: which steps there are is settled before anybody can be judged by them."""
    steps = list(edition.steps.select_for_update().order_by("position"))
    enabled = [step.kind for step in steps if step.kind not in off]
    if enabled == [step.kind for step in steps if step.enabled]:
        return
    check_steps(enabled)
    if edition.frozen_at:
        raise _frozen(edition)
    if edition.step(StepKind.RECOMMENDATION).closed_at:
        raise Refused("组织推荐已经关闭，本届设哪些环节不能再改，请保持原来的勾选。")
    for step in steps:
        step.enabled = step.kind in enabled
        if not step.enabled:
            step.opens = step.closes = None
        step.save(update_fields=["enabled", "opens", "closes"])


def _set_dimensions(edition, dimensions):
    """By their codes: what is written to a dimension, and the scores given in it, stay with it."""
    kept = {each.code: each for each in edition.dimensions.all()}
    for position, (code, name, weight) in enumerate(dimensions, start=1):
        row = kept.pop(code, None) or Dimension(edition=edition, code=code)
        row.name, row.weight, row.position = name, weight, position
        row.save()
    for row in kept.values():
        row.delete()


def _set_dates(edition, dates: dict) -> None:
    for kind, (opens, closes) in dates.items():
        step = edition.steps.get(kind=kind)
        if step.enabled and not step.closed_at:
            step.opens, step.closes = opens, closes
            step.full_clean()
            step.save()


def _dates_of(edition) -> dict[str, str]:
    """As the record has them; "" where no date is set."""
    rows = edition.steps.values_list("kind", "opens", "closes")
    both = {f"{kind}_opens": opens for kind, opens, _closes in rows}
    both |= {f"{kind}_closes": closes for kind, _opens, closes in rows}
    return {name: when.isoformat() if when else "" for name, when in both.items()}


def _set_guidance(edition, guidance: dict) -> dict:
    """What experts are to look at, by code of the dimension; returns what changed, as the record has it."""
    changed = {}
    for row in edition.dimensions.filter(code__in=guidance):
        text, points = guidance[row.code]
        before = [row.guidance, row.subpoints]
        row.guidance, row.subpoints = text.strip(), [point.strip() for point in points if point.strip()]
        if [row.guidance, row.subpoints] != before:
            row.save(update_fields=["guidance", "subpoints"])
            changed[f"guidance_{row.code}"] = [before, [row.guidance, row.subpoints]]
    return changed
