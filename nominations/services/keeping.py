"""A workbook handed in, from its preview to its end: kept, asked for, applied once, or refused with reasons.

The row is the truth. Up to `AT_ONCE` rows are applied while the person waits; a larger file is asked for and
a task applies it, all of it in one transaction. What is done inside that transaction nobody else can see
before it ends, so the count shown meanwhile stands in the cache: advisory, and gone without harm.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import InterfaceError, OperationalError, transaction

from nominations.models import Edition, Handout, IntakeFile
from portal.errors import N_, Refused
from portal.models import Membership
from portal.notify import notify
from portal.speech import said
from portal.workbook import WorkbookRefused
from portal.workbook import said as cell_said

log = structlog.get_logger(__name__)

AT_ONCE = 500  # rows applied while the person waits
KEPT_FOR = timedelta(hours=1)  # between a preview and applying
STALE_AFTER = timedelta(minutes=2)  # asked for and not there: its worker may be lost
UNEXPECTED = N_("系统出错，没有导入，原有内容没有改动。请再试一次；仍不成功，请联系系统管理员。")
MOVED = N_("预览之后有内容变动，没有导入。请按最新的预览重新核对。")
_PART = 50  # rows between two counts
_MOST_PROBLEMS = 200


@dataclass(frozen=True)
class Standing:
    """How far a kept file is: `state` is preview, waiting, running, done or failed."""

    state: str
    done: int
    total: int


def bytes_of(file) -> bytes:
    """The bytes of an upload, an open file, a path or bytes; the file is left at its beginning."""
    if isinstance(file, bytes):
        return file
    if hasattr(file, "read"):
        file.seek(0)
        data = file.read()
        file.seek(0)
        return data
    return file.read_bytes()


def keep_file(
    edition: Edition | None,
    file,
    *,
    kind: str,
    sha256: str,
    total: int,
    by: Membership,
    now: datetime,
    handout: Handout | None = None,
    recommended: bool = False,
) -> IntakeFile:
    """Keep a file that was looked through until it is applied; what nobody applied in time goes.

    `edition` is None where what the file says belongs to none.
    """
    old = IntakeFile.objects.filter(applied_at__isnull=True, uploaded_at__lt=now - KEPT_FOR)
    for each in old.exclude(asked_at__isnull=False, problems=[]):
        each.file.delete(save=False)
        each.delete()
    kept = IntakeFile(
        kind=kind,
        handout=handout,
        edition=edition,
        name=(getattr(file, "name", "") or "file.xlsx").rpartition("/")[2][:200],
        sha256=sha256,
        recommended=recommended,
        total=total,
        uploaded_at=now,
        uploaded_by=by,
    )
    kept.file.save("intake.xlsx", ContentFile(bytes_of(file)), save=False)
    kept.save()
    return kept


def require_kept(kept: IntakeFile, *, by: Membership, now: datetime) -> IntakeFile:
    """The row, locked, where this hat may still apply it."""
    kept = (
        IntakeFile.objects.select_for_update(of=("self",))
        .select_related("edition", "handout", "uploaded_by__user", "uploaded_by__organisation")
        .get(pk=kept.pk)
    )
    if kept.uploaded_by_id != by.pk:
        raise Refused("请由上传文件的人导入，或重新上传。")
    if kept.applied_at:
        raise Refused("这份文件已经导入过。")
    # A file that was asked for in time waits for its worker as long as that takes.
    if not (kept.asked_at and not kept.problems) and now - kept.uploaded_at > KEPT_FOR:
        raise Refused("预览已超过一小时，请重新上传文件。")
    return kept


def is_large(kept: IntakeFile | None) -> bool:
    return kept is not None and kept.total > AT_ONCE


@transaction.atomic
def ask_file(kept: IntakeFile, *, by: Membership, now: datetime, choices: dict | None = None) -> IntakeFile:
    """Ask for a large file to be applied; asking twice is asking once. The caller queues the task."""
    kept = require_kept(kept, by=by, now=now)
    if kept.asked_at and not kept.problems:
        return kept
    kept.asked_at, kept.problems, kept.done = now, [], 0
    kept.choices = choices or {}
    kept.save(update_fields=["asked_at", "problems", "done", "choices"])
    return kept


def mark_applied(kept: IntakeFile, *, rows: int, now: datetime) -> None:
    kept.applied_at, kept.done, kept.problems = now, rows, []
    kept.save(update_fields=["applied_at", "done", "problems"])


def run_file(
    pk: int, apply: Callable, *, now: datetime, event: str, url: Callable[[IntakeFile], str]
) -> bool:
    """Apply a file that was asked for, if that is still to be done; True when this call did it.

    `apply(kept, by=, now=, choices=)` does the work. Safe to run twice, at once or after a crash: the row
    is locked for as long as it takes, and whoever finds it locked or done leaves it.
    """
    try:
        with transaction.atomic():
            waiting = IntakeFile.objects.filter(pk=pk, applied_at__isnull=True, asked_at__isnull=False)
            kept = (
                waiting.filter(problems=[])
                .select_for_update(of=("self",), skip_locked=True)
                .select_related("uploaded_by__user", "uploaded_by__organisation")
                .first()
            )
            if kept is None:
                return False
            if not Membership.objects.active().filter(pk=kept.uploaded_by_id).exists():
                raise Refused("上传文件的人已停用，没有导入。请由其他人重新上传。")
            apply(kept, by=kept.uploaded_by, now=now, choices=kept.choices)
            _tell(kept, event, N_("{name}已导入"), url, now)
    except Refused as refused:
        log.warning("file_refused", file=pk, reason=str(refused))
        _fail(pk, problems_of(refused), event, url, now)
    except (OperationalError, InterfaceError):
        # Nothing can be said in a database that does not answer; the sweep takes the file up again.
        raise
    except Exception:
        log.exception("file_failed", file=pk)
        _fail(pk, [{"problem": said(Refused(UNEXPECTED))}], event, url, now)
    finally:
        forget_count(pk)
    return True


def stale_files(kinds: Iterable[str], now: datetime) -> list[int]:
    """Files asked for a while ago that are neither applied nor refused."""
    found = IntakeFile.objects.filter(
        kind__in=list(kinds), applied_at__isnull=True, problems=[], asked_at__lte=now - STALE_AFTER
    )
    return list(found.order_by("asked_at").values_list("pk", flat=True))


def problems_of(refused: Refused) -> list[dict]:
    """A refusal as it is kept on the row: a line for each cell, or one for the file."""
    if isinstance(refused, WorkbookRefused):
        return [
            {
                "row": each.row,
                "column": " ".join(part for part in (each.column_letter, each.column_name) if part),
                "problem": cell_said(each.problem),
                "expected": cell_said(each.expected),
            }
            for each in refused.errors[:_MOST_PROBLEMS]
        ]
    return [{"row": None, "column": "", "problem": said(refused), "expected": ""}]


def standing(kept: IntakeFile) -> Standing:
    """How far the file is; the count of a file that is being applied comes from the cache, if it is there."""
    if kept.applied_at:
        return Standing("done", kept.done, kept.total)
    if kept.asked_at is None:
        return Standing("preview", 0, kept.total)
    if kept.problems:
        return Standing("failed", 0, kept.total)
    count = None
    with suppress(Exception):  # the cache is advisory: without it there is no count, and nothing else is lost
        count = cache.get(_counter(kept.pk))
    return Standing("waiting" if count is None else "running", count or 0, kept.total)


def in_parts(kept: IntakeFile | None, rows: list):
    """The rows some at a time, telling whoever looks how many are done."""
    for start in range(0, len(rows), _PART):
        if is_large(kept):
            with suppress(Exception):
                cache.set(_counter(kept.pk), start, 3600)
        yield rows[start : start + _PART]


def forget_count(pk: int) -> None:
    with suppress(Exception):
        cache.delete(_counter(pk))


def _counter(pk: int) -> str:
    return f"intake-file-{pk}"


def _fail(pk, problems, event, url, now) -> None:
    with transaction.atomic():
        kept = (
            IntakeFile.objects.select_for_update(of=("self",)).select_related("uploaded_by__user").get(pk=pk)
        )
        if kept.applied_at:
            return
        kept.problems = problems
        kept.save(update_fields=["problems"])
        _tell(kept, event, N_("{name}没有导入，请查看原因"), url, now)


def _tell(kept, event, subject, url, now) -> None:
    notify(
        event,
        [kept.uploaded_by],
        subject=subject.format(name=kept.name),
        url=url(kept),
        now=now,
        edition=kept.edition,
    )
