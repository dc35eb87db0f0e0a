"""The style guide: every part of a page with sample data. Mounted in DEBUG only."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from csp.constants import SELF
from csp.decorators import csp_replace
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import path
from django.views.decorators.clickjacking import xframe_options_sameorigin

from portal.clauses import CLAUSES

app_name = "styleguide"

STATES = (
    *("draft", "recommendation", "screening", "review", "voting"),
    *("inspection", "publicity", "named", "rejected", "withdrawn"),
)
NAMES = (
    *("云帆精密机械（演示）", "海晏电子科技（演示）", "蓝岬新材料（演示）", "青屿食品（演示）"),
    *("朝汐装备（演示）", "松岭纺织（演示）", "白沙医疗器械（演示）", "石榴湾软件（演示）"),
    *("北堤港机（演示）", "远桅物流（演示）"),
)
TODAY = date(2026, 9, 24)
NOON = datetime(2026, 9, 24, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


class SampleForm(forms.Form):
    """One field of each kind, sent empty so that the errors show."""

    name = forms.CharField(label="企业名称", help_text="与营业执照上的名称一致。", max_length=60)
    code = forms.CharField(label="统一社会信用代码", help_text="18 位，在营业执照右上角。", max_length=18)
    staff = forms.IntegerField(label="职工人数", required=False, initial=320)
    kind = forms.ChoiceField(label="企业性质", choices=[("", "请选择"), ("p", "民营"), ("s", "国有")])
    founded = forms.DateField(
        label="工会成立日期", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    fields = forms.MultipleChoiceField(
        label="创新类认定",
        required=False,
        help_text="可以多选，没有的不选。",
        choices=[("a", "高新技术企业"), ("b", "“专精特新”中小企业"), ("c", "瞪羚企业")],
        widget=forms.CheckboxSelectMultiple,
    )
    verdict = forms.ChoiceField(
        label="审查意见", choices=[("y", "通过"), ("n", "不通过")], widget=forms.RadioSelect
    )
    story = forms.CharField(
        label="主要做法", widget=forms.Textarea(attrs={"rows": 4}), initial="每季开展一次"
    )
    proof = forms.FileField(label="佐证材料", required=False, help_text="PDF 或图片，不超过 20 MB。")
    true = forms.BooleanField(label="以上内容真实，愿意承担相应责任")


def line(**values) -> SimpleNamespace:
    return SimpleNamespace(**values)


def steps():
    titles = ("组织推荐", "资格审查", "专家评审", "公众投票", "差额考察", "提名公示")
    phases = ("done", "done", "done", "now", "todo", "todo")
    return [
        line(
            title=title,
            phase=phase,
            url="#stepper" if phase != "todo" else "",
            opens=date(2026, 4 + n, 1),
            closes=date(2026, 4 + n, 24),
        )
        for n, (title, phase) in enumerate(zip(titles, phases, strict=True))
    ]


def rows():
    return [
        line(
            rank=n + 1,
            name=name,
            district=f"示例{'甲乙丙丁'[n % 4]}区",
            state=STATES[4 + n % 4],
            score=f"{9312 - 137 * n}/100",
            picks=18420 - 1311 * n,
            amount=Decimal("300000.00") - n * 12000,
        )
        for n, name in enumerate(NAMES[:6])
    ]


def sample():
    form = SampleForm(data={"story": "每季开展一次"}, files={})
    form.is_valid()
    long_ago = NOON - timedelta(days=3)
    return {
        "edition": line(title="2026 年全员创新企业选树（演示）", host=line(name="演示市总工会")),
        "steps": steps(),
        "short_steps": [
            *steps()[:3],
            line(title="公众投票", phase="off", url="", opens=None, closes=None),
            line(title="差额考察", phase="now", url="", opens=None, closes=date(2026, 10, 9)),
            line(title="提名公示", phase="todo", url="", opens=date(2026, 10, 12), closes=None),
        ],
        "unread_notices": 3,
        "rail": [
            line(heading="", title="待办", url="#", icon="inbox", current=True, count=7),
            line(heading="", title="推荐", url="#", icon="list-ul", current=False, count=46),
            line(heading="", title="投票", url="#", icon="check2-square", current=False, count=""),
            line(heading="设置", title="届次", url="#", icon="calendar3", current=False, count=""),
            line(heading="", title="单位与人员", url="#", icon="diagram-3", current=False, count=""),
        ],
        "states": STATES,
        "clauses": CLAUSES.values(),
        "form": form,
        "fresh": SampleForm(),
        "rows": rows(),
        "names": NAMES,
        "choices": [
            line(name=name, word=name[:1], about="职工提案年年有奖，三年攻关立项 42 个") for name in NAMES[:3]
        ],
        "page": Paginator(range(230), 20).page(3),
        "facts": [
            ("推荐单位", "示例甲区总工会"),
            ("企业性质", "民营"),
            ("专家得分", "91.38"),
            ("公众得票", "18,420"),
            ("推荐日期", "2026年4月18日 (周六)"),
            ("考察日期", ""),
        ],
        "entries": [
            line(when=NOON, who="李演示 · 办公室", what="进入公众投票", why="", clause="S1 四.3④"),
            line(
                when=long_ago, who="王演示 · 示例部门", what="退回补正", why="工会成立文件缺页。", clause=""
            ),
            line(
                when=long_ago - timedelta(days=9),
                who="赵演示 · 示例甲区总工会",
                what="推荐上报",
                why="",
                clause="",
            ),
        ],
        "todos": [
            line(
                verb="审查",
                object=NAMES[0],
                url="#",
                due=TODAY - timedelta(days=2),
                urgency="late",
                note="等您一家的意见",
            ),
            line(verb="评分", object=f"{NAMES[1]}等 6 家", url="#", due=TODAY, urgency="today", note=""),
            line(
                verb="核对",
                object="投票异常批次 2 批",
                url="#",
                due=TODAY + timedelta(days=4),
                urgency="",
                note="",
            ),
        ],
        "chips": [
            line(label="全部", url="#", on=True, count=46),
            line(label="待审", url="#", on=False, count=12),
            line(label="已退回", url="#", on=False, count=3),
        ],
        "sentences": [
            "这 4 家进入公示，同时通知推荐单位和企业。",
            "公示期 5 个工作日，自 2026年9月25日 (周五) 起算。",
        ],
        "job": line(title="计算考察名单", state="done", done=20, total=20, words=""),
        "job_running": line(title="导出名单", state="failed", done=3, total=20, words=""),
        "sheet_errors": [
            line(
                row=7,
                column="统一社会信用代码",
                problem="校验码不对：9137…7X",
                expected="请按营业执照核对 18 位",
            ),
            line(row=12, column="职工人数", problem="写的是文字“三百”", expected="整数，例如 300"),
        ],
        "amount": Decimal("300000"),
        "fraction": "27413/300",
        "today": TODAY,
        "noon": NOON,
    }


@login_not_required
def guide(request):
    messages.success(request, "已推荐 3 家，名额还剩 2 家。")
    messages.warning(request, "还有 2 家没有部门意见，现在不能结束审查。")
    messages.error(request, "这一家已由示例乙区总工会推荐，不能重复推荐。")
    messages.info(request, "投票期间不显示票数。")
    return render(request, "styleguide/guide.html", sample())


@login_not_required
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})
def public(request):
    return render(request, "styleguide/public.html", sample())


@login_not_required
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})
def desk(request):
    """A working page as a whole, with the office's rail and a record at its side."""
    return render(request, "styleguide/desk.html", sample())


urlpatterns = [
    path("", guide, name="guide"),
    path("public/", public, name="public"),
    path("desk/", desk, name="desk"),
]
