"""How the ballots of a case were chosen, in words."""

from datetime import datetime

from django.utils.translation import gettext as _

from portal.templatetags.portal import cndatetime
from voting.models import Alarm, Case, Home


def basis_lines(case: Case, *, seen: bool) -> list[tuple[str, str]]:
    """Pairs (label, value). Without `seen` nothing names a candidate: the case's size would be a total."""
    basis = case.basis
    match basis.get("by"):
        case "alarm":
            how = _("由预警提出：{rule}").format(rule=Alarm.Rule(basis["rule"]).label)
        case "undo":
            how = _("撤销第 {number} 号案").format(number=basis["case"])
        case "hand":
            how = _("按条件挑选")
        case _:
            how = _("逐张指定")
    found = [(_("方式"), how)]
    for name, label in (("since", _("投票时间从")), ("until", _("到（不含）"))):
        if name in basis:
            found.append((label, cndatetime(datetime.fromisoformat(basis[name]))))
    for name, label in (("network", _("来源网段")), ("address", _("来源地址")), ("device", _("设备"))):
        if name in basis:
            found.append((label, basis[name][:8]))
    if "home" in basis:
        found.append((_("号码归属"), str(Home(basis["home"]).label)))
    if "dwell" in basis:
        found.append((_("停留时间短于"), _("{n} 秒").format(n=basis["dwell"])))
    return found + (_named(case, basis) if seen else [])


def _named(case, basis):
    numbers = [basis["candidate"]] if basis.get("candidate") is not None else []
    names = dict(
        case.poll.candidates.filter(number__in=[*numbers, *basis.get("picks", ())]).values_list(
            "number", "nomination__subject_name"
        )
    )
    found = [(_("选了这一家"), f"{n} {names.get(n, '')}") for n in numbers]
    if basis.get("picks"):
        words = "、".join(f"{n} {names.get(n, '')}" for n in basis["picks"])
        found.append((_("所选正好是这几家"), words))
    return found
