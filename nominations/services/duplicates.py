"""Whether a subject is already there: in this edition, among the named; its enterprise under another name."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from nominations.likeness import alike_pairs, core
from nominations.models import Edition, Enterprise, Nomination
from nominations.states import State
from nominations.subjects import row_key
from portal.errors import Refused
from portal.models import Organisation


@dataclass
class Duplicates:
    """What is known of a subject: its live nomination in the edition, and its honours that stand."""

    nomination: Nomination | None = None
    honours: list = field(default_factory=list)


def duplicates(edition: Edition, credit_code: str, name: str = "") -> Duplicates:
    """`name` is the subject's own, where it is not the enterprise."""
    key = row_key(edition, credit_code, name)
    return duplicates_of(edition, [(credit_code, name)]).get(key, Duplicates())


def duplicates_of(edition: Edition, named: Iterable[tuple[str, str]]) -> dict[str, Duplicates]:
    """The same for many (credit code, name), by `subjects.row_key`, with a constant number of queries.

    What nobody knows is left out.
    """
    codes = {row_key(edition, code, name): code for code, name in named}
    codes.pop("", None)
    found: dict[str, Duplicates] = defaultdict(Duplicates)
    live = edition.nominations.exclude(state=State.WITHDRAWN).filter(subject_key__in=codes)
    for nomination in live.select_related("recommender"):
        found[nomination.subject_key].nomination = nomination
    if not edition.allow_former:
        for honour in (
            _honours()
            .filter(
                category=edition.category_id,
                enterprise__credit_code__in=set(codes.values()),
                host=edition.host_id,
                level=edition.level,
                revoked_on__isnull=True,
            )
            .exclude(nomination__edition__published=False)
        ):
            # What was named may have had its name put right since it was nominated: both are its names.
            code = honour.enterprise.credit_code
            for key in {honour.subject_key, row_key(edition, code, honour.subject_name)} & codes.keys():
                found[key].honours.append(honour)
    return dict(found)


def refuse_duplicates(edition: Edition, credit_code: str, name: str = "") -> None:
    """委员会决定: once in an edition, and not again once named unless the edition allows it."""
    known = duplicates(edition, credit_code, name)
    if known.nomination:
        raise Refused(
            "“{name}”（{code}）在这一届已由“{recommender}”推荐，不能重复推荐。",
            name=known.nomination.subject_name,
            code=credit_code,
            recommender=known.nomination.recommender.name,
        )
    if known.honours:
        raise Refused(
            "“{name}”（{code}）已于 {year} 年命名，按本届规则不再推荐。",
            name=known.honours[0].subject_name,
            code=credit_code,
            year=known.honours[0].year,
        )


def near_names(names: dict[str, str]) -> dict[str, list[Enterprise]]:
    """For each credit code the registered enterprises whose name is nearly the same under another code."""
    places = known_places()
    wanted = {code: core(name, places) for code, name in names.items()}
    registered = {each.credit_code: each for each in Enterprise.objects.only("credit_code", "name")}
    known = {("known", code): core(each.name, places) for code, each in registered.items()}
    near = defaultdict(list)
    for one, other in alike_pairs(wanted, known):
        if other in known and other[1] != one:
            near[one].append(registered[other[1]])
    return dict(near)


def known_places() -> tuple[str, ...]:
    """The divisions the house knows, 青岛市 and 市南区: what a name may have in front of it."""
    recommending = Organisation.objects.filter(
        kind__in=(Organisation.Kind.CITY, *Organisation.RECOMMENDING)
    ).exclude(division_name="")
    return tuple(sorted(set(recommending.order_by().values_list("division_name", flat=True))))


def honours_of(edition: Edition, enterprises: Iterable[int]) -> dict[int, list]:
    """The honours of this edition's host and level that stand, by enterprise: a near-same name may be of."""
    found = defaultdict(list)
    rows = _honours().filter(
        enterprise__in=enterprises, host=edition.host_id, level=edition.level, revoked_on__isnull=True
    )
    for honour in rows.exclude(nomination__edition__published=False).order_by("year"):
        found[honour.enterprise_id].append(honour)
    return dict(found)


def _honours():
    # The honours belong to a floor above: they are known by the name of their relation alone.
    honour = Enterprise._meta.get_field("honours").related_model
    return honour.objects.select_related("enterprise")
