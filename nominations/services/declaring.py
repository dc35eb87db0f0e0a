"""Entering a nomination and filling in what is declared, up to handing it in."""

from datetime import datetime

from django.db import transaction

from nominations import rules, subjects
from nominations.declaration import ENTERPRISE, shape_of
from nominations.declaration.facts import digest_of
from nominations.models import Declaration, Edition, Enterprise, Nomination
from nominations.services.completeness import facts_of, missing_of
from nominations.services.duplicates import refuse_duplicates
from nominations.services.filling import fill
from nominations.services.last_step import ranked_at
from nominations.services.moves import advance
from nominations.services.steps import require_open
from nominations.services.windows import recommenders, require_window
from nominations.states import State, StepKind
from portal import audit
from portal.errors import N_, Listing, Refused
from portal.models import Membership, Organisation, Role
from portal.notify import notify
from portal.permissions import require


class Moved(Refused):
    """Somebody saved since the version the page started from; nothing was written."""


@transaction.atomic
def create_nomination(
    edition: Edition,
    *,
    by: Membership,
    now: datetime,
    credit_code: str,
    name: str,
    enterprise_name: str = "",
    recommender: Organisation | None = None,
    rank: int | None = None,
    **declared,
) -> Nomination:
    """A new draft: its enterprise (found by credit code, or entered), and what is declared so far.

    `name` is the subject's own; where that is not the enterprise, `enterprise_name` names an enterprise the
    portal does not know yet.
    """
    require(by, "nominations.create", edition)
    require_window(edition, by=by, now=now)
    recommender = _recommender(edition, recommender, by)
    code = rules.credit_code(credit_code)
    refuse_duplicates(edition, code, name)
    name = _require_name(edition, name)
    if by.role == Role.APPLICANT and not declares_itself(code, by):
        raise Refused("只能为本企业申报。统一社会信用代码“{code}”不是本企业账户登记的代码。", code=code)
    return enter(
        edition,
        by=by,
        now=now,
        code=code,
        name=name,
        enterprise_name=enterprise_name,
        recommender=recommender,
        rank=rank,
        declared=declared,
    )


def enter(
    edition: Edition,
    *,
    by: Membership,
    now: datetime,
    code: str,
    name: str,
    recommender: Organisation,
    rank: int | None,
    declared: dict,
    enterprise_name: str = "",
) -> Nomination:
    """Write a draft down. Whether it may be was asked before: here for one, by the intake for many."""
    enterprise = _enterprise(edition, code, name, enterprise_name, declared.get("division_name") or "")
    _tie(enterprise, by)
    nomination = Nomination.objects.create(
        edition=edition,
        enterprise=enterprise,
        subject_key=subjects.row_key(edition, code, name),
        subject_name=name,
        recommender=recommender,
        rank=rank,
        created_at=now,
        created_by=by,
    )
    declaration = Declaration(nomination=nomination, saved_at=now, saved_by=by)
    fill(declaration, declared)
    declaration.save()
    audit.record(
        "nominations.create", nomination, by=by, now=now, credit_code=code, recommender=recommender.name
    )
    return nomination


def _enterprise(edition, code: str, name: str, enterprise_name: str, division: str) -> Enterprise:
    """By its code; one that is new has the name the subject has, or the one said beside it."""
    enterprise = Enterprise.objects.filter(credit_code=code).first()
    if enterprise is None:
        own = name if subjects.is_enterprise(edition) else enterprise_name.strip()
        if not own:
            raise Refused("请填写企业名称，与营业执照一致。")
        enterprise, _made = Enterprise.objects.get_or_create(
            credit_code=code, defaults={"name": own, "division_name": division}
        )
    return enterprise


def _tie(enterprise: Enterprise, by: Membership) -> None:
    """The first declaration by an account under its own code ties the enterprise to the account."""
    if by.role == Role.APPLICANT and enterprise.organisation_id is None:
        enterprise.organisation = by.organisation
        enterprise.save(update_fields=["organisation"])


@transaction.atomic
def save_declaration(
    nomination: Nomination,
    *,
    by: Membership,
    now: datetime,
    version: int,
    name: str | None = None,
    by_itself: bool = False,
    **declared,
) -> Declaration:
    """Save what was typed; `Moved`, with nothing written, when somebody has saved since `version`.

    A draft that saves itself only notes which fields it touched; the next save by hand, or handing in, puts
    them on the record. What is handed in already is on the record at every save, with before and after.
    """
    nomination = locked(nomination)
    require(by, "nominations.edit", nomination)
    require_editable(nomination, by=by, now=now)
    declaration = _declaration(nomination)
    if declaration.version != version:
        raise Moved(
            "这份申报表刚刚在别处保存过（第 {saved} 版，本页是第 {shown} 版），本次没有保存。"
            "您填写的内容还在本页，请核对两份的不同之处后再保存。",
            saved=declaration.version,
            shown=version,
        )
    before = facts_of(nomination)
    fill(declaration, declared)
    if name is not None:
        _rename(nomination, name.strip(), by)
    after = facts_of(nomination)
    changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    if changed:
        declaration.version += 1
        declaration.saved_at, declaration.saved_by = now, by
    detail = {}
    if nomination.state != State.DRAFT:
        # Contact data is on the record by name only: that it changed, not what it was.
        private = {
            each.key
            for each in (*shape_of(nomination.edition), *ENTERPRISE)
            if each.private or any(column.private for column in each.columns)
        }
        shown = [key for key in changed if key not in private]
        detail = {
            "before": {key: before.get(key) for key in shown},
            "after": {key: after.get(key) for key in shown},
        }
    elif by_itself:
        declaration.touched = sorted({*declaration.touched, *changed})
    if by_itself and nomination.state == State.DRAFT:
        if changed:
            declaration.save()
        return declaration
    changed = sorted({*changed, *declaration.touched})
    if changed:
        sealed = seal(nomination)
        declaration.save()
        audit.record(
            "nominations.edit", nomination, by=by, now=now, **sealed | {"changed": changed}, **detail
        )
    return declaration


def seal(nomination: Nomination) -> dict:
    """What the record keeps of a declaration: version, digest, and what was touched since it last spoke.

    The fields touched are spoken of with this, and the row says so no more; the caller saves it.
    """
    declaration = nomination.declaration
    changed, declaration.touched = declaration.touched, []
    code = nomination.enterprise.credit_code
    digest = digest_of(facts_of(nomination), credit_code=code)
    return {"version": declaration.version, "digest": digest, "changed": changed}


@transaction.atomic
def submit(nomination: Nomination, *, by: Membership, now: datetime) -> Nomination:
    """Hand a complete draft in: to the recommender, or back to the screening that returned it."""
    nomination = locked(nomination)
    back = open_return(nomination)
    from_screening = back is not None and back.from_state == State.SCREENING
    move = "repair" if from_screening else "submit"
    require(by, f"nominations.{move}", nomination)
    require_editable(nomination, by=by, now=now)
    declaration = _declaration(nomination)
    missing = missing_of(nomination)
    if missing:
        raise Refused(
            "“{name}”的申报表还缺：{missing}。请补齐后再提交。",
            name=nomination.subject_name,
            missing=Listing(each.title for each in missing),
        )
    sealed = seal(nomination)
    declaration.save(update_fields=["touched"])
    nomination = advance(nomination, move, by=by, now=now, detail=sealed)
    if back is not None:
        back.mended_at = now
        back.save(update_fields=["mended_at"])
    _tell_next(nomination, from_screening, by, now)
    return nomination


@transaction.atomic
def withdraw(nomination: Nomination, *, by: Membership, now: datetime, reason: str) -> Nomination:
    """Take a nomination out for good, with a reason; its place in the quota is free again."""
    require(by, "nominations.withdraw", nomination)
    if refusal := why_not_withdrawn(nomination, by):
        raise refusal
    if not reason.strip():
        raise Refused("撤回需要写明理由。")
    nomination = advance(nomination, "withdraw", by=by, now=now, note=reason.strip())
    back = open_return(nomination)
    if back is not None:
        back.mended_at = now
        back.save(update_fields=["mended_at"])
    return nomination


def why_not_withdrawn(nomination: Nomination, hat: Membership) -> Refused | None:
    """委员会决定: once the order is settled, the office moves nobody up by taking another out."""
    if hat.role == Role.OFFICE and ranked_at(nomination.edition).closed_at:
        return Refused(
            "综合排序的依据已定，办公室不能再撤回“{name}”。请由申报企业或推荐单位撤回。",
            name=nomination.subject_name,
        )
    return None


def declares_itself(code: str, hat: Membership) -> bool:
    """An account is an enterprise's when it is tied to it, or carries its credit code as its own code."""
    tied = Enterprise.objects.filter(organisation=hat.organisation).values_list("credit_code", flat=True)
    return code in tied if tied else hat.organisation.code == code


def locked(nomination: Nomination) -> Nomination:
    return (
        Nomination.objects.select_for_update(of=("self",))
        .select_related("edition__category", "enterprise", "recommender")
        .get(pk=nomination.pk)
    )


def open_return(nomination: Nomination):
    return nomination.returns.filter(mended_at__isnull=True).first()


def may_edit(nomination: Nomination, by: Membership) -> bool:
    """委员会决定: once handed in, only the recommender and the office correct a declaration."""
    if nomination.state == State.DRAFT:
        return True
    return nomination.state == State.RECOMMENDATION and by.role in (Role.RECOMMENDER, Role.OFFICE)


def require_editable(nomination: Nomination, *, by: Membership, now: datetime) -> None:
    """Refuse a change where the step is over or the nomination has gone on."""
    if not may_edit(nomination, by):
        raise Refused(
            "“{name}”现处于“{state}”环节，申报内容不能再改。需要修改的，请联系推荐单位或办公室退回。",
            name=nomination.subject_name,
            state=str(nomination.state_label),
        )
    back = open_return(nomination)
    if back is not None and back.from_state == State.SCREENING:
        require_open(nomination.edition, StepKind.SCREENING)
    else:
        require_window(nomination.edition, by=by, now=now)


def _recommender(edition, recommender, by) -> Organisation:
    if by.role == Role.RECOMMENDER:
        if recommender is not None and recommender.pk != by.organisation_id:
            raise Refused("只能以本单位名义推荐。")
        recommender = by.organisation
    if recommender is None:
        raise Refused("请选择推荐单位。")
    if not recommenders(edition).filter(pk=recommender.pk).exists():
        raise Refused("“{name}”不是这一届的推荐单位。", name=recommender.name)
    return recommender


def _declaration(nomination: Nomination) -> Declaration:
    """The declaration, locked, as that of this very nomination."""
    declaration = Declaration.objects.select_for_update().get(nomination_id=nomination.pk)
    declaration.nomination = nomination
    return declaration


def _require_name(edition, name: str) -> str:
    """The name of a subject, or Refused in the words of its kind."""
    name = name.strip()
    if not rules.normalise(name):
        if subjects.is_enterprise(edition):
            raise Refused("请填写企业名称，与营业执照一致。")
        raise Refused("请填写{title}。", title=subjects.title_of(edition))
    return name


def _rename(nomination, name, by) -> bool:
    edition, enterprise = nomination.edition, nomination.enterprise
    name = _require_name(edition, name)
    if name == nomination.subject_name:
        return False
    if not subjects.is_enterprise(edition):
        # Nothing is frozen under the key yet: what is declared is only changed before the screening.
        key = subjects.row_key(edition, enterprise.credit_code, name)
        if key != nomination.subject_key:
            refuse_duplicates(edition, enterprise.credit_code, name)
        nomination.subject_key, nomination.subject_name = key, name
        nomination.save(update_fields=["subject_key", "subject_name"])
        return True
    nomination.subject_name = name
    nomination.save(update_fields=["subject_name"])
    # Where others have nominated the same enterprise, or it was named and is public, its registered name is
    # the office's matter.
    others = enterprise.nominations.exclude(recommender=nomination.recommender)
    if by.role == Role.OFFICE or not (others.exists() or enterprise.honours.exists()):
        enterprise.name = name
        enterprise.save(update_fields=["name"])
    return True


def _tell_next(nomination, from_screening, by, now) -> None:
    if from_screening:
        hats = Membership.objects.at(nomination.edition.host, Role.OFFICE)
        subject = N_("{name}已补正，回到资格审查")
    elif by.role == Role.APPLICANT:
        hats = Membership.objects.at(nomination.recommender, Role.RECOMMENDER)
        subject = N_("{name}已提交，请审核推荐")
    else:
        return
    notify(
        "nominations.submit",
        hats.select_related("user"),
        subject=subject.format(name=subjects.full_name(nomination)),
        url=nomination.get_absolute_url(),
        now=now,
        nomination=nomination,
    )
