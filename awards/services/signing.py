"""Two named people sign what a visit's record says; when both stand by the same, it is the verdict."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from awards.models import Inspection, VisitSignature
from awards.services.checklists import refuse_unchecked, refuse_unweighed
from awards.services.inspector_conflicts import refuse_away, require_clear
from awards.services.open_visits import locked
from awards.services.standing_signatures import conclude, standing_of
from awards.services.team_places import current, names_of
from awards.services.visit_facts import digest_of
from awards.services.visiting import refuse_unfinished
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal import audit, files
from portal.errors import Refused
from portal.models import Membership, User
from portal.permissions import require

Part, Way = VisitSignature.Part, VisitSignature.Way
SCANS = files.IMAGES | {"pdf"}


@dataclass(frozen=True)
class Signer:
    """One who may sign: as what, by which name, and by which account (None: only on paper)."""

    part: str
    name: str
    user: User | None


def signers_of(inspection: Inspection) -> list[Signer]:
    """The leader, then the members, as they were given the visit."""
    going = list(inspection.inspectors.all())
    users = {str(user): user for user in going}
    if inspection.team_id:
        users |= {each.name: each.user for each in current(inspection.team) if each.user in going}
    people = [(Part.LEADER, inspection.leader_name)] if inspection.leader_name else []
    people += [(Part.MEMBER, name) for name in names_of(inspection.member_names)]
    return [Signer(part, name, users.get(name)) for part, name in people]


@transaction.atomic
def sign_self(inspection: Inspection, *, digest: str, by: Membership, now: datetime) -> Inspection:
    """By the own account. `digest` is that of the record as the page showed it."""
    inspection = _signable(inspection, digest, by=by, now=now)
    return _sign(inspection, _by_user(inspection, by.user), Way.OWN_ACCOUNT, by=by, now=now)


@transaction.atomic
def sign_here(
    inspection: Inspection, *, user: User, digest: str, by: Membership, now: datetime
) -> Inspection:
    """The second person on the phone of the first; `forms.signing` has asked for the second's password."""
    inspection = _signable(inspection, digest, by=by, now=now)
    if user.pk == by.user_id:
        raise Refused("两个签名不能是同一人，请由另一名成员签名。")
    _by_user(inspection, by.user)
    if not user.is_active:
        raise Refused("这个账号已停用，请联系系统管理员，或改用纸质签名。")
    return _sign(inspection, _by_user(inspection, user), Way.RE_ENTERED, by=by, now=now)


@transaction.atomic
def sign_on_paper(
    inspection: Inspection, *, names: list[str], scan, digest: str, by: Membership, now: datetime
) -> Inspection:
    """One or two who signed a printed record by hand; the sheet is handed in as a scan or a photograph."""
    inspection = _signable(inspection, digest, by=by, now=now)
    if not names:
        raise Refused("请选择纸上签名的人。")
    people = {each.name: each for each in signers_of(inspection)}
    unknown = [name for name in names if name not in people]
    if unknown:
        raise Refused("“{names}”不在这次考察的名单上，不能签名。", names="、".join(unknown))
    found = files.inspect(scan, allowed=SCANS)
    for name in names:
        inspection = _sign(inspection, people[name], Way.PAPER, scan=(scan, found), by=by, now=now)
    return inspection


def refuse_unready(inspection: Inspection, *, now: datetime) -> None:
    """What has to be there before anybody signs."""
    if not inspection.leader_name or not inspection.member_names:
        raise Refused("这次考察还没有组长和成员的名单，请办公室先安排考察组。")
    refuse_unfinished(inspection, now=now)
    refuse_unchecked(inspection)
    refuse_unweighed(inspection)


def _signable(inspection, digest, *, by, now) -> Inspection:
    inspection = locked(inspection)
    require(by, "awards.sign_visit", inspection)
    require_open(inspection.nomination.edition, StepKind.INSPECTION)
    refuse_away(inspection, by.user)
    if inspection.verdict:
        raise Refused("“{name}”的考察结论已经登记，不能重复登记。", name=str(inspection.nomination))
    refuse_unready(inspection, now=now)
    if digest != digest_of(inspection):
        raise Refused("您打开签名页以后，考察记录有了变动。请把下面的内容再看一遍，确认后再签名。")
    return inspection


def _by_user(inspection, user: User) -> Signer:
    found = next((each for each in signers_of(inspection) if each.user == user), None)
    if found is None:
        raise Refused("“{name}”不在这次考察的名单上，不能签名。", name=str(user))
    return found


def _sign(inspection, signer: Signer, way: str, *, scan=None, by, now) -> Inspection:
    if signer.user is not None:
        require_clear(inspection, signer.user)
    digest = digest_of(inspection)
    # What stands under an earlier wording, whoever changed it, stands no more.
    inspection.signatures.filter(void_at__isnull=True).exclude(digest=digest).update(void_at=now)
    standing = standing_of(inspection, digest)
    if signer.part in standing:
        kept = standing[signer.part]
        if kept.name == signer.name:
            return inspection
        raise Refused(
            "{part}的签名已由“{name}”签过，不需要再签。", part=str(Part(signer.part).label), name=kept.name
        )
    signature = VisitSignature(
        inspection=inspection,
        part=signer.part,
        name=signer.name,
        user=signer.user if way != Way.PAPER else None,
        way=way,
        digest=digest,
        signed_at=now,
        recorded_by=by,
    )
    sha256 = ""
    if scan:
        file, found = scan
        content = files.clean_image(file) if found.is_image else file
        sha256 = found.sha256
        signature.scan.save(file.name, content, save=False)
    signature.save()
    audit.record(
        "awards.sign_visit",
        inspection,
        by=by,
        now=now,
        name=signer.name,
        part=signer.part,
        way=way,
        digest=digest,
        scan=sha256,
    )
    if len(standing_of(inspection, digest)) == len(Part):
        return conclude(inspection, digest=digest, by=by, now=now)
    return inspection
