"""The file a result is frozen in: built by the rules, sealed, signed, verified by itself.

`xuanshu-result/1` has no signature and still verifies; `/2` is the same with one; `/3` is of an edition that
leaves steps out.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from awards import resultform
from awards.resultform import Edition, Entry, Settings, Sheet
from awards.rules import Candidate, Row, Shortlist, shortlist
from portal.errors import N_, Refused
from portal.figures import decimal_text, fraction_text, settled
from review.rules import check_panel, expert_score, sheet_total, weights_sum_100
from voting.rules.notes import Signer, fits

__all__ = [
    "FORMAT",
    "SHORTENED",
    "SIGNED",
    "Difference",
    "Edition",
    "Entry",
    "Settings",
    "Sheet",
    "build",
    "canonical",
    "fraction_or_none",
    "fraction_text",
    "outcome",
    "parse",
    "seal",
    "sign",
    "verify",
]

FORMAT, SIGNED, SHORTENED = resultform.FORMAT, resultform.SIGNED, resultform.SHORTENED


class Difference(str):
    """A sentence as text, which keeps its translatable `message` and its `params`."""

    message: str
    params: dict[str, Any]

    def __new__(cls, message: str, **params):
        self = super().__new__(cls, message.format(**params) if params else message)
        self.message, self.params = message, params
        return self


def outcome(entries: Iterable[Entry], settings: Settings) -> Shortlist:
    """S1 四.3③④⑤: sheets to expert score, picks to vote score, both to the shortlist, in one go."""
    if settings.min_sheets is not None:
        check_panel(settings.min_sheets, settings.trim_from)
        weights_sum_100(settings.dimension_weights)
    return shortlist([_candidate(entry, settings) for entry in entries], settings.rules)


def _candidate(entry: Entry, settings: Settings) -> Candidate:
    score = None if entry.sheets is None else _expert_score(entry, settings)
    return Candidate(entry.id, score, entry.picks, entry.private, entry.recognised_key_industry)


def _expert_score(entry: Entry, settings: Settings) -> Fraction:
    totals = [sheet_total(sheet.scores, settings.dimension_weights) for sheet in entry.sheets if sheet.valid]
    result = expert_score(totals, min_sheets=settings.min_sheets, trim_from=settings.trim_from)
    if result.score is None:
        raise Refused("“{name}”没有专家成绩：{reason}", name=entry.enterprise, reason=result.reason)
    return result.score


def build(
    edition: Edition, settings: Settings, entries: Iterable[Entry], signer: Signer | None = None
) -> dict[str, Any]:
    """委员会决定: the sealed file of a result, signed where there is who signs.

    `entries` are those that are ranked. Of an edition that leaves steps out it is always signed.
    """
    entries = {entry.id: entry for entry in entries}
    result = outcome(entries.values(), settings)
    sealed = seal(
        {
            "format": _format(settings, signer),
            "edition": {
                "id": edition.id,
                "title": edition.title,
                "year": edition.year,
                "seats": settings.rules.seats,
                **({} if settings.whole else {"steps": list(settings.steps)}),
            },
            "rules": _rules(settings),
            "nominations": [_entry(entries[each]) for each in settled(entries)],
            "result": {
                "size": result.size,
                "grew_by": result.grew_by,
                "rows": [_row(row) for row in result.rows],
            },
        }
    )
    return sign(sealed, signer) if signer else sealed


def _format(settings: Settings, signer: Signer | None) -> str:
    if settings.whole:
        return SIGNED if signer else FORMAT
    if signer is None:
        raise ValueError(settings.steps)
    return SHORTENED


def _rules(settings: Settings) -> dict[str, Any]:
    rules, weights = settings.rules, settings.dimension_weights
    return {
        "ratio": fraction_text(rules.ratio) if rules.inspected else None,
        "expert_weight": fraction_text(rules.expert_weight),
        "vote_weight": fraction_text(rules.vote_weight),
        "dimension_weights": {code: decimal_text(weight) for code, weight in weights.items()} or None,
        "min_sheets": settings.min_sheets,
        "trim_from": settings.trim_from,
        "tie_break": list(rules.tie_break),
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "enterprise": entry.enterprise,
        "credit_code": entry.credit_code,
        "private": entry.private,
        "recognised_key_industry": entry.recognised_key_industry,
        "sheets": None if entry.sheets is None else _sheets(entry.sheets),
        "picks": entry.picks,
    }


def _sheets(sheets: Iterable[Sheet]) -> list[dict[str, Any]]:
    return [_sheet(sheet) for sheet in sorted(sheets, key=lambda sheet: sheet.expert)]


def _sheet(sheet: Sheet) -> dict[str, Any]:
    facts = {"expert": sheet.expert, "valid": sheet.valid}
    if sheet.scores is None:
        return facts
    return facts | {"scores": {code: decimal_text(score) for code, score in sheet.scores.items()}}


def _row(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "rank": row.rank,
        "expert_score": fraction_or_none(row.expert_score),
        "vote_score": fraction_or_none(row.vote_score),
        "composite": fraction_text(row.composite),
        "shortlisted": row.shortlisted,
        "tie": row.tie,
    }


def fraction_or_none(value: Fraction | None) -> str | None:
    """The text of a score; None stays None, where the edition leaves its step out."""
    return None if value is None else fraction_text(value)


def canonical(data: Any) -> bytes:
    """委员会决定: UTF-8 JSON, keys sorted, no spaces, no ASCII escapes: the same facts are the same bytes."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def _digest(data: Mapping[str, Any], *without: str) -> str:
    return hashlib.sha256(canonical({k: v for k, v in data.items() if k not in without})).hexdigest()


def rules_digest(rules: Mapping[str, Any]) -> str:
    """委员会决定: the digest the edition's rules are frozen with, over all of them but the digest."""
    return _digest(rules, "digest")


def seal(data: Mapping[str, Any]) -> dict[str, Any]:
    """委员会决定: the same file with `rules.digest` and, over all the rest but a signature, `sha256`."""
    rules = {**data["rules"], "digest": rules_digest(data["rules"])}
    sealed = {**data, "rules": rules}
    return {**sealed, "sha256": _digest(sealed, "sha256", "signature")}


def sign(sealed: Mapping[str, Any], signer: Signer) -> dict[str, Any]:
    """委员会决定: the sealed file of `/2` with the Ed25519 signature over the canonical bytes of the rest."""
    return {**sealed, "signature": {"key": signer.verifier, "value": signer.seal(_unsigned(sealed))}}


def _unsigned(data: Mapping[str, Any]) -> bytes:
    return canonical({key: value for key, value in data.items() if key != "signature"})


def parse(raw: bytes) -> Any:
    """委员会决定: UTF-8 JSON; a key given twice or a number with a point is refused."""
    try:
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_once,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except UnicodeDecodeError:
        raise Refused("文件不是 UTF-8 编码的文本，请使用系统导出的结果文件。") from None
    except (ValueError, RecursionError):
        raise Refused("文件不是完整的 JSON，可能已损坏，请使用系统导出的结果文件。") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(held := dict(pairs)) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Refused("文件中“{key}”重复出现，内容有歧义，请使用系统导出的结果文件。", key=twice)
    return held


def _no_number(text: str) -> None:
    raise Refused("文件中的 {text} 不是准确的数，请使用系统导出的结果文件。", text=text)


def verify(data: Any, key: str = "") -> list[str]:
    """委员会决定: all is recomputed from the file alone; empty means equal, else every difference.

    A signature must fit the key the file names. Only with `key`, which the reader has from elsewhere, does it
    say who signed: then the file must be signed, and by that key.
    """
    try:
        form = resultform.read(data)
        differences = _seals(data) + _signatures(data, key)
        computed = outcome(form.entries, form.settings)
    except Refused as refused:
        return [Difference(refused.message, **refused.params)]
    except RecursionError:
        return [Difference(N_("文件的层次过深，不是本系统的结果文件。"))]
    names = {entry.id: entry.enterprise for entry in form.entries}
    return differences + _compare(data["result"], computed, names, form.settings.rules.inspected)


def _seals(data: dict[str, Any]) -> list[str]:
    differences = []
    for told, held, message in (
        (
            data["rules"]["digest"],
            rules_digest(data["rules"]),
            N_("规则摘要不符：文件写 {told}，应为 {right}。"),
        ),
        (
            data["sha256"],
            _digest(data, "sha256", "signature"),
            N_("文件摘要不符：文件写 {told}，应为 {right}，内容被改动过。"),
        ),
    ):
        if told != held:
            differences.append(Difference(message, told=told, right=held))
    return differences


def _signatures(data: dict[str, Any], key: str) -> list[str]:
    signature = data.get("signature")
    if signature is None:
        return [Difference(N_("文件没有签名，不能确认由谁生成。"))] if key else []
    differences = []
    if key and signature["key"] != key:
        differences.append(
            Difference(
                N_("签名公钥不符：文件写 {told}，应为 {right}。"),
                told=signature["key"],
                right=key,
            )
        )
    if not fits(_unsigned(data), signature["value"], signature["key"]):
        differences.append(Difference(N_("签名与文件内容不符，签名后内容被改动过。")))
    return differences


def _compare(
    told: dict[str, Any], computed: Shortlist, names: Mapping[Any, str], inspected: bool
) -> list[str]:
    differences = []
    titles = TITLES if inspected else {**TITLES, "shortlisted": N_("是否在名额以内")}
    size = N_("考察名单家数") if inspected else N_("名额")
    for key, title in (("size", size), ("grew_by", N_("末位并列增加的家数"))):
        if told[key] != getattr(computed, key):
            differences.append(_differs(title, told[key], getattr(computed, key)))
    rows = {row["id"]: row for row in told["rows"]}
    for row in computed.rows:
        name = names[row.id]
        if row.id not in rows:
            differences.append(Difference(N_("结果中没有“{name}”（编号 {id}）。"), name=name, id=row.id))
            continue
        right = _row(row)
        differences += [
            Difference(
                N_("“{name}”的{title}不符：文件写 {told}，重新计算为 {right}。"),
                name=name,
                title=title,
                told=_shown(rows[row.id][key]),
                right=_shown(right[key]),
            )
            for key, title in titles.items()
            if rows[row.id][key] != right[key]
        ]
    for each in rows.keys() - names.keys():
        differences.append(Difference(N_("结果中编号 {id} 的一行不在推荐之列。"), id=each))
    ranks = [row["rank"] for row in told["rows"]]
    if not differences and ranks != sorted(ranks):
        differences.append(Difference(N_("结果各行没有按名次排列。")))
    return differences


TITLES = {
    "rank": N_("名次"),
    "expert_score": N_("专家得分"),
    "vote_score": N_("投票得分"),
    "composite": N_("综合得分"),
    "shortlisted": N_("是否列入考察"),
    "tie": N_("同分规则"),
}


def _differs(title: str, told: Any, right: Any) -> Difference:
    return Difference(
        N_("{title}不符：文件写 {told}，重新计算为 {right}。"),
        title=title,
        told=_shown(told),
        right=_shown(right),
    )


def _shown(value: Any) -> str:
    if value is None:
        return N_("无")
    if isinstance(value, bool):
        return N_("是") if value else N_("否")
    return str(value)
