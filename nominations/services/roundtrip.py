"""推荐填报表 both ways: the round's workbook handed out, brought back, and applied as a unit.

    write_round(edition, out, *, by, now, unit=None) -> Handout
    read_round(edition, file, *, by, now) -> RoundDiff       (nominations.services.roundreading)
    keep_round(edition, file, *, by, now) -> IntakeFile
    apply_round(kept, *, by, now, choices) -> RoundDone

`choices` is {"digest": RoundDiff.digest, "cells": {row key: {column: "yours" | "now"}}}. Nothing is written
before, and nothing when anything has moved since the preview the digest is of.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse

from nominations import round_form
from nominations.models import Edition, Handout, IntakeFile, Nomination
from nominations.services import keeping
from nominations.services.completeness import missing_of
from nominations.services.declaring import create_nomination, save_declaration, submit
from nominations.services.roundreading import RoundDiff, RoundRow, read_open, read_round
from nominations.services.windows import recommenders
from nominations.summary import ENTERPRISE_NAME
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Organisation, Role
from portal.permissions import require
from portal.roundtrip import settle, unsettled
from portal.workbook import WorkbookRefused, write_handout

BLANK_ROWS = 50
MOST_ROWS = 3000  # more than that with all their columns no office opens, and the reader does not take back


@dataclass(frozen=True)
class RoundDone:
    """What applying did: new drafts, of which handed in at once, and rows changed."""

    created: int
    handed_in: int
    changed: int


@transaction.atomic
def write_round(
    edition: Edition, out, *, by: Membership, now: datetime, unit: Organisation | None = None
) -> Handout:
    """Write the workbook to `out`: a recommender's own rows, or the office's, of all unions or of one."""
    require(by, "nominations.import", edition)
    if by.role == Role.RECOMMENDER:
        if not recommenders(edition).filter(pk=by.organisation_id).exists():
            raise Refused("“{name}”不是这一届的推荐单位。", name=by.organisation.name)
        unit = by.organisation
    rows = read_open(edition, by)
    if unit is not None:
        rows = rows.filter(recommender=unit)
    rows = list(rows[: MOST_ROWS + 1])
    if len(rows) > MOST_ROWS:
        raise Refused("填报中的企业超过 {most} 家，请按推荐单位分别下载。", most=MOST_ROWS)
    columns = round_form.columns_of(edition)
    handout = Handout.objects.create(
        edition=edition,
        kind=Handout.Kind.ROUND,
        token=secrets.token_hex(16),
        issued_at=now,
        issued_to=by,
        rows={
            str(each.pk): {
                "version": each.declaration.version,
                "values": round_form.texts_of(each, columns),
                "fixed": each.enterprise.credit_code,
            }
            for each in rows
        },
    )
    audit.record("nominations.hand_out", handout, by=by, now=now, edition=edition, rows=len(rows))
    write_handout(
        out,
        f"{edition.title}{round_form.TITLE}",
        columns,
        (_line(serial, each, columns) for serial, each in enumerate(rows, start=1)),
        token=handout.token,
        guide=round_form.guide_of(edition),
        fixed=round_form.FIXED,
        offers=round_form.offers_of(edition),
        blank=BLANK_ROWS,
        subtitle=f"填报单位：{unit.name if unit else edition.host.name}",
    )
    return handout


@transaction.atomic
def keep_round(edition: Edition, file, *, by: Membership, now: datetime) -> IntakeFile:
    """Keep a file whose cells can all be read until it is applied; raises `WorkbookRefused` otherwise."""
    diff = read_round(edition, file, by=by, now=now)
    if diff.errors:
        raise WorkbookRefused(diff.errors)
    return keeping.keep_file(
        edition,
        file,
        kind=IntakeFile.Kind.ROUND,
        sha256=diff.sha256,
        total=len(diff.asked),
        by=by,
        now=now,
        handout=diff.handout,
    )


@transaction.atomic
def apply_round(kept: IntakeFile, *, by: Membership, now: datetime, choices: dict | None = None) -> RoundDone:
    """Write what the file says and the choices settle, all of it or none; the world is looked at again."""
    kept = keeping.require_kept(kept, by=by, now=now)
    choices = choices or {}
    # Two files at once would each find the other's enterprises not yet there.
    edition = Edition.objects.select_for_update(no_key=True).get(pk=kept.edition_id)
    with kept.file.open("rb") as stream:
        diff = read_round(edition, stream.read(), by=by, now=now)
    if diff.sha256 != kept.sha256:
        raise Refused("文件与预览时的不是同一份，请重新上传。")
    if diff.errors:
        raise WorkbookRefused(diff.errors)
    if choices.get("digest") != diff.digest:
        raise Refused(keeping.MOVED)
    chosen = choices.get("cells", {})
    if any(unsettled(row.cells, chosen.get(row.key, {})) for row in diff.rows):
        raise Refused("还有冲突的格没有选择用哪一份，请逐格选择后再导入。")
    settled = [(row, settle(row.cells, chosen.get(row.key, {}))) for row in diff.asked]
    settled = [(row, keys) for row, keys in settled if keys or row.nomination is None]
    if not settled:
        raise Refused("文件中没有要写入的内容。")
    _check_ranks(edition, settled)
    audit.record(
        "nominations.import_round",
        kept,
        by=by,
        now=now,
        edition=edition,
        sha256=kept.sha256,
        new=len(diff.of("new")),
        changed=sum(1 for row, _keys in settled if row.nomination is not None),
        conflicts={row.key: chosen.get(row.key, {}) for row in diff.of("conflict")},
    )
    done = _write(edition, kept, diff, settled, by, now)
    kept.choices = choices
    kept.save(update_fields=["choices"])
    keeping.mark_applied(kept, rows=len(settled), now=now)
    return done


def run_round(pk: int, *, now: datetime) -> bool:
    """Apply a large file that was asked for; see `keeping.run_file`."""
    return keeping.run_file(pk, apply_round, now=now, event="nominations.import_round", url=url_of)


def url_of(kept: IntakeFile) -> str:
    return reverse("nominations:round_file", args=[kept.edition_id, kept.pk])


def _line(serial: int, nomination: Nomination, columns) -> dict:
    return round_form.row_of(nomination, columns) | {
        "key": str(nomination.pk),
        "version": nomination.declaration.version,
        "serial": serial,
    }


def _write(edition, kept, diff: RoundDiff, settled, by, now) -> RoundDone:
    created = handed_in = changed = 0
    try:
        for part in keeping.in_parts(kept, settled):
            for row, keys in part:
                if row.nomination is None:
                    created += 1
                    handed_in += _enter(edition, row, by, now)
                else:
                    changed += 1
                    _change(row, keys, by, now)
    except IntegrityError as error:
        # Somebody typed the same enterprise in while this file was being written.
        raise Refused(keeping.MOVED) from error
    return RoundDone(created, handed_in, changed)


def _enter(edition, row: RoundRow, by, now) -> bool:
    """A new row as a draft, handed in at once when nothing is missing."""
    values = {key: value for key, value in row.values.items() if value is not None}
    nomination = create_nomination(
        edition,
        by=by,
        now=now,
        credit_code=values["credit_code"],
        name=values["name"],
        enterprise_name=values.get(ENTERPRISE_NAME, ""),
        recommender=row.recommender,
        rank=values.get("rank"),
        **round_form.declared(values),
    )
    if missing_of(nomination):
        return False
    submit(nomination, by=by, now=now)
    return True


def _change(row: RoundRow, keys: list[str], by, now) -> None:
    nomination = row.nomination
    values = {key: row.values[key] for key in keys if key != "rank"}
    if values:
        save_declaration(
            nomination,
            by=by,
            now=now,
            version=nomination.declaration.version,
            name=values.get("name"),
            **round_form.declared(values),
        )
    if "rank" in keys:
        require(by, "nominations.rank", nomination)
        locked = Nomination.objects.select_for_update(of=("self",)).get(pk=nomination.pk)
        before, locked.rank = locked.rank, row.values["rank"]
        locked.save(update_fields=["rank"])
        audit.record("nominations.rank", locked, by=by, now=now, before=before, after=locked.rank)


def _check_ranks(edition, settled) -> None:
    """After all choices no two of a union may stand at the same place because of this file."""
    ranks = {
        pk: (unit, rank)
        for pk, unit, rank in edition.nominations.live().values_list("pk", "recommender", "rank")
    }
    moved = {}
    for row, keys in settled:
        if row.nomination is None:
            moved[f"new-{row.number}"] = (row.recommender.pk, row.values["rank"], row.name)
        elif "rank" in keys:
            moved[row.nomination.pk] = (row.nomination.recommender_id, row.values["rank"], row.name)
    places = {(unit, rank) for pk, (unit, rank) in ranks.items() if pk not in moved}
    for unit, rank, name in moved.values():
        if rank is not None and (unit, rank) in places:
            raise Refused(
                "“{name}”的排序 {rank} 与同一单位的另一家重复，没有导入。请改表格后重新上传。",
                name=name,
                rank=rank,
            )
        places.add((unit, rank))
