"""What must always hold, check by check; `settings.INVARIANTS` names each floor's list of them.

A check looks at rows as they are and says, row by row, where it does not hold. It changes nothing and never
says who a person is.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from portal import audit
from portal.acts import WORDS
from portal.models import AuditEntry, InvariantRun, Membership, Role
from portal.notify import notify
from portal.permissions import require

#: Rows shown of one check; a thousand would say nothing more.
SHOWN = 50


@dataclass(frozen=True)
class Check:
    """`words` say what must hold; `find` names the rows for which it does not."""

    name: str
    words: str | Promise
    find: Callable[[], Iterable[str]]


class Checks(list[Check]):
    """A floor's list; a function is put on it by `@checks.named(...)` under its own name."""

    def named(self, words):
        def put(find):
            self.append(Check(find.__name__, words, find))
            return find

        return put


CHECKS = Checks()


@CHECKS.named(_("留痕记录首尾相扣，没有改动或缺失"))
def record_chain_holds() -> Iterator[str]:
    yield from audit.broken_links()


@CHECKS.named(_("留痕记录中的每个事项都有名称"))
def acts_have_words() -> Iterator[str]:
    known = AuditEntry.objects.exclude(act__in=WORDS)
    for act, pk in known.values_list("act", "pk"):
        yield f"#{pk} {act}"


def all_checks() -> list[Check]:
    """Every check of every floor, the ground first."""
    return [check for path in settings.INVARIANTS for check in import_string(path)]


def broken(names: Iterable[str] | None = None) -> dict[str, list[str]]:
    """Check → the rows for which it does not hold, for those that do not. `names`: only these."""
    wanted = None if names is None else set(names)
    found = {}
    for check in all_checks():
        if wanted is not None and check.name not in wanted:
            continue
        if rows := list(islice(check.find(), SHOWN)):
            found[check.name] = rows
    return found


def run(*, names: Iterable[str] | None = None, by: Membership, now: datetime) -> InvariantRun:
    """Look at all of them (or at `names`), keep what was found, tell the office where something is wrong."""
    require(by, "portal.check_invariants")
    wanted = [check.name for check in all_checks()] if names is None else list(names)
    started = time.monotonic()
    failures = broken(wanted)
    took = round((time.monotonic() - started) * 1000)
    with transaction.atomic():
        kept = InvariantRun.objects.create(
            ran_at=now, took_ms=took, checks=len(wanted), failures=failures, by=str(by.user)
        )
        audit.record(
            "portal.check_invariants", kept, by=by, now=now, checks=len(wanted), broken=sorted(failures)
        )
        if failures:
            _tell(failures, now)
    return kept


def _tell(failures, now):
    words = {check.name: check.words for check in all_checks()}
    notify(
        "portal.invariant_broken",
        Membership.objects.filter(role__in=(Role.ADMIN, Role.AUDITOR)).select_related("user"),
        subject=f"规则核对发现 {len(failures)} 项不符",
        body="\n".join(f"{words[name]}：{rows[0]}" for name, rows in failures.items()),
        url="/invariants/",
        now=now,
    )
