"""The 实地考察报告 writes itself from what stands on the visit: its words, its docx, its PDF."""

import base64
import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from PIL import Image

from awards.documents.templates import compose
from portal.clauses import S1
from portal.documents import pdf, plain_day, writable

if TYPE_CHECKING:
    from awards.services.visit_facts import LineFact, VisitFacts

TITLE = "实地考察报告"
KIND, PRINT = "visit_report", "print/visit_report.html"
#: Stands in the template where the photographs are put.
PLACE = "[现场照片]"
WIDTH = Mm(110)
#: The longer side of a photograph in a report, in dots: enough for half a page of A4.
LONGEST = 1200

PLACES = (
    ("title", _("标题")),
    ("mark", _("草稿标记，登记结论后为空")),
    ("edition", _("届次名称")),
    ("host", _("主办单位")),
    ("name", _("企业名称")),
    ("facts", _("基本情况，每行有 label、value")),
    ("opening", _("考察经过，一段话")),
    ("differences", _("与申报不符的，每条一句")),
    ("conclusion", _("考察结论，一段话")),
    ("handling", _("办公室的处理，每条一句")),
    ("groups", _("核对情况，每组有 heading、lines，每行有 item、claimed、found、agrees、difference")),
    ("documents", _("查看的材料，每行有 title、source、original、seen、about")),
    ("people", _("访谈，每行有 name、who、held、words")),
    ("photos", _("现场照片的位置，单独占一段；没有照片时为空")),
    ("signatures", _("签名，每行有 part、name、way、when")),
    ("digest", _("签名内容摘要")),
    ("printed", _("生成时间")),
)


def example() -> dict:
    return {
        "title": TITLE,
        "mark": "",
        "edition": "演示年度全员创新企业",
        "host": "演示市总工会",
        "name": "演示甲科技有限公司",
        "facts": [{"label": "考察日期", "value": "2026年9月10日"}],
        "opening": "考察组到演示甲科技有限公司实地考察，核对申报事项2项，相符1项，不符1项。",
        "differences": ["职工人数：申报300人，核实260人。"],
        "conclusion": "考察结论：合格。",
        "handling": ["办公室认为差异不影响结论：统计口径不同。"],
        "groups": [
            {
                "heading": "基本情况",
                "lines": [
                    {
                        "item": "职工人数",
                        "claimed": "300人",
                        "found": "260人",
                        "agrees": "不符",
                        "difference": "少40人（实质差异）",
                    }
                ],
            }
        ],
        "documents": [
            {
                "title": "职工花名册",
                "source": "演示甲科技有限公司",
                "original": "原件",
                "seen": "2026年9月10日 10:00",
                "about": "职工人数",
            }
        ],
        "people": [
            {
                "name": "演示乙",
                "who": "职工，车间",
                "held": "2026年9月10日 10:30",
                "words": "参加过技能竞赛。",
            }
        ],
        "photos": PLACE,
        "signatures": [
            {"part": "组长", "name": "演示丙", "way": "本人账号", "when": "2026年9月10日 16:00"},
            {"part": "成员", "name": "演示丁", "way": "本人账号", "when": "2026年9月10日 16:05"},
        ],
        "digest": "0123 4567 89ab cdef",
        "printed": "2026年9月11日 09:00",
    }


def report_context(facts: "VisitFacts", handling: Sequence[str], *, now: datetime) -> dict:
    """`handling`: what the office made of it, a sentence each."""
    return {
        "title": TITLE,
        "mark": "" if facts.verdict else "草稿，未签名",
        "edition": facts.edition,
        "host": facts.host,
        "name": facts.name,
        "facts": _facts(facts),
        "opening": _opening(facts),
        "differences": [_difference(line) for line in facts.differing],
        "conclusion": _conclusion(facts),
        "handling": list(handling),
        "groups": [
            {"heading": heading or "办公室增列", "lines": [_line(each) for each in lines]}
            for heading, lines in facts.by_dimension
        ],
        "documents": [
            {
                "title": f"{each.title} {each.number}".strip(),
                "source": each.issuer,
                "original": "原件" if each.original else "复印件",
                "seen": _moment(each.seen_at),
                "about": "；".join(part for part in (each.line, each.note) if part),
            }
            for each in facts.documents
        ],
        "people": [
            {
                "name": each.name,
                "who": "，".join(part for part in (each.kind, each.post) if part),
                "held": _moment(each.held_at),
                "words": each.words,
            }
            for each in facts.interviews
        ],
        "photos": PLACE if facts.photos else "",
        "signatures": _signatures(facts),
        "digest": _in_fours(facts.signatures[0].digest if facts.signatures else facts.digest),
        "printed": _moment(now),
    }


def report_docx(host, facts: "VisitFacts", handling: Sequence[str], *, now: datetime) -> bytes:
    """Raises `Refused` where the host's own template cannot be filled."""
    document = Document(io.BytesIO(compose(host, KIND, report_context(facts, handling, now=now))))
    for paragraph in document.paragraphs:
        if PLACE in paragraph.text:
            for run in paragraph.runs:
                run.text = run.text.replace(PLACE, "")
            for photo, words in _photographs(facts):
                _insert(paragraph, photo, words)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def report_pdf(facts: "VisitFacts", handling: Sequence[str], *, now: datetime) -> bytes:
    """Raises `Refused` where the machine sets no PDF."""
    return pdf.render(PRINT, _printed(facts, handling, now))


def report_page(facts: "VisitFacts", handling: Sequence[str], *, now: datetime) -> str:
    """The same report as a page to print from the browser; the photographs are on the page of the visit."""
    context = _printed(facts, handling, now)
    for each in context["photographs"]:
        each["picture"] = ""
    return pdf.html(PRINT, context)


def _printed(facts, handling, now) -> dict:
    context = report_context(facts, handling, now=now)
    return context | {
        "photographs": [
            {"picture": "data:image/jpeg;base64," + base64.b64encode(data).decode(), "words": words}
            for data, words in _photographs(facts)
        ],
        "footer": f"{facts.edition}　考察 {facts.pk}　生成于 {plain_day(timezone.localdate(now))}",
        "written": now,
    }


def _facts(facts: "VisitFacts") -> list[dict]:
    rows = (
        (facts.named, facts.name),
        ("统一社会信用代码", facts.code),
        ("推荐单位", facts.recommender),
        ("综合名次", f"第{facts.rank}名" if facts.rank else ""),
        ("考察日期", plain_day(facts.visited_on)),
        ("考察地点", facts.address),
        ("考察组", facts.team),
        ("组长", facts.leader),
        ("成员", "、".join(facts.members)),
    )
    return [{"label": label, "value": value} for label, value in rows if value]


def _opening(facts: "VisitFacts") -> str:
    day = f"于{plain_day(facts.visited_on)}" if facts.visited_on else ""
    material = sum(line.is_material for line in facts.differing)
    said = [
        f"根据{S1}和“{facts.edition}”的安排，考察组{day}到{facts.enterprise}实地考察，对照企业的申报逐项核对。"
    ]
    if facts.lines:
        open_lines = f"，未核对{len(facts.unanswered)}项" if facts.unanswered else ""
        grave = f"（其中实质差异{material}项）" if material else ""
        said.append(
            f"核对{len(facts.lines)}项，相符{len(facts.agreeing)}项，不符{len(facts.differing)}项{grave}{open_lines}。"
        )
    did = [
        f"{verb}{len(things)}{unit}"
        for verb, things, unit in (
            ("查看材料", facts.documents, "份"),
            ("访谈", facts.interviews, "人次"),
            ("拍摄现场照片", facts.photos, "张"),
        )
        if things
    ]
    return "".join(said) + (f"{'，'.join(did)}。" if did else "")


def _difference(line: "LineFact") -> str:
    claimed = _with_unit(line.claimed, line.unit)
    parts = [f"申报“{_short(claimed)}”" if claimed else "现场查看", f"核实“{_short(line.found)}”"]
    if line.difference and line.difference != line.found:
        parts.append(line.difference)
    weight = f"（{line.weight_words}）" if line.weight else ""
    return f"{line.item}：{'，'.join(parts).rstrip('。')}{weight}。"


def _conclusion(facts: "VisitFacts") -> str:
    if not facts.verdict:
        proposed = f"考察组拟作结论：{facts.proposed_words}，" if facts.proposed else "考察组尚未作出结论，"
        return f"{proposed}须由组长和一名成员签名后生效。"
    problem = f"发现的问题：{facts.problem.rstrip('。')}。" if facts.problem else ""
    return f"考察结论：{facts.verdict_words}。{problem}"


def _line(line: "LineFact") -> dict:
    weight = f"（{line.weight_words}）" if line.weight else ""
    return {
        "item": line.item,
        "claimed": _with_unit(line.claimed, line.unit) or "现场查看",
        "found": line.found,
        "agrees": {True: "相符", False: "不符", None: ""}[line.agrees],
        "difference": f"{line.difference}{weight}",
    }


def _signatures(facts: "VisitFacts") -> list[dict]:
    """As they stand; two blank lines to sign by hand where nobody has."""
    if not facts.signatures:
        return [{"part": part, "name": "", "way": "", "when": ""} for part in ("组长", "成员")]
    return [
        {"part": each.part_words, "name": each.name, "way": each.way_words, "when": _moment(each.signed_at)}
        for each in facts.signatures
    ]


def _photographs(facts: "VisitFacts"):
    """Each as a smaller JPEG with its words: what, where it belongs, and when by whose clock."""
    for number, photo in enumerate(facts.photos, start=1):
        taken = f"{_moment(photo.taken_at)}拍摄（{photo.time_words}）" if photo.taken_at else "拍摄时间不详"
        words = "，".join(part for part in (photo.caption, photo.line, taken) if part)
        yield _smaller(photo.file), f"照片{number}：{words}"


def _smaller(file) -> bytes:
    with file.open("rb") as stored, Image.open(stored) as image:
        image = image.convert("RGB")
        image.thumbnail((LONGEST, LONGEST))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=82)
    return out.getvalue()


def _insert(before, photo: bytes, words: str) -> None:
    shown = before.insert_paragraph_before()
    shown.alignment = WD_ALIGN_PARAGRAPH.CENTER
    shown.paragraph_format.line_spacing = 1.0
    shown.paragraph_format.keep_with_next = True
    shape = shown.add_run().add_picture(io.BytesIO(photo), width=WIDTH)
    if shape.height > WIDTH:
        shape.width, shape.height = int(shape.width * WIDTH / shape.height), WIDTH
    shape._inline.docPr.set("descr", writable(words))
    below = before.insert_paragraph_before()
    below.alignment = WD_ALIGN_PARAGRAPH.CENTER
    below.paragraph_format.space_after = Pt(8)
    below.add_run(writable(words)).font.size = Pt(10.5)


def _with_unit(claimed: str, unit: str) -> str:
    return f"{claimed}{unit}" if claimed and unit and not claimed.endswith(unit) else claimed


def _short(text: str, most: int = 60) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _in_fours(digest: str) -> str:
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def _moment(moment: datetime) -> str:
    here = timezone.localtime(moment)
    return f"{plain_day(here)} {here:%H:%M}"
