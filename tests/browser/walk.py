"""Who walks through the edition, and the papers they carry."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.urls import resolve
from django.utils import timezone
from openpyxl import Workbook
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from tests.browser.window import DESKTOP, Album, Window
from tests.factories import PASSWORD, credit_code

HERE = ZoneInfo("Asia/Shanghai")
TITLE = "2026年度青岛市全员创新企业（演示）"
FIRMS = {name: f"{name}字制造（演示）有限公司" for name in "甲乙丙丁戊己庚辛壬"}
#: Typed by hand; all the others come with the recommender's workbook.
TYPED = "壬"
#: Who walks: user name to (role, organisation, name).
PEOPLE = {
    "office": ("office", None, "演示办公室"),
    "office2": ("office", None, "演示办公室复核人"),
    "union": ("recommender", None, "演示推荐人"),
    "kjj": ("department", "dept-kjj", "演示市科技局"),
    "scj": ("department", "dept-scj", "演示市场监管局"),
    "expert1": ("expert", None, "演示专家甲"),
    "expert2": ("expert", None, "演示专家乙"),
    "expert3": ("expert", None, "演示专家丙"),
    "leader": ("inspector", None, "演示考察组长"),
    "member": ("inspector", None, "演示考察成员"),
    "auditor": ("auditor", None, "演示监督人员"),
}
HEADS = (
    *("序号", "推荐单位", "推荐排序", "企业名称", "统一社会信用代码", "所属区市", "企业性质", "所属行业"),
    *("十强产业", "职工人数", "工会成立时间", "工会会员数", "省部级以上认定", "独立法人"),
    *("一线职工教育经费占比(%)", "联系人", "联系电话", "主要事迹", "备注"),
)
DEEDS = "开展“五小”活动和师带徒，一线职工提出合理化建议并落地，建有职工创新工作室（演示）。"


class Clock:
    """The portal's time, which the walk moves ahead: nobody waits five working days for a notice to end.

    Every view takes the time from `django.utils.timezone.now` and hands it on (`now=`), so this one function
    is all there is to replace. It goes on ticking.
    """

    def __init__(self, start: datetime):
        self._real = timezone.now
        self._ahead = start - self._real()

    def __call__(self) -> datetime:
        return self._real() + self._ahead

    def move_to(self, *day: int) -> None:
        there = datetime(*day, tzinfo=HERE)
        assert there > self(), "the clock only goes ahead"
        self._ahead += there - self()


class Visitor:
    """One person at one browser, pressing what is there to be pressed."""

    def __init__(self, window: Window, album: Album, looked_at: set[str]):
        self.window, self.album, self.looked_at = window, album, looked_at

    @property
    def page(self) -> Page:
        return self.window.page

    @property
    def main(self):
        return self.page.locator("#main")

    def sees(self, *texts: str) -> None:
        for text in texts:
            expect(self.main).to_contain_text(text)

    def sees_not(self, *texts: str) -> None:
        for text in texts:
            expect(self.main).not_to_contain_text(text)

    def follow(self, words: str | re.Pattern, *, exact: bool = True) -> None:
        self.main.get_by_role("link", name=words, exact=exact).first.click()
        self.page.wait_for_load_state()

    def press(self, words: str, *, exact: bool = True) -> None:
        self.main.get_by_role("button", name=words, exact=exact).first.click()
        self.page.wait_for_load_state()

    def rail(self, words: str) -> None:
        self.page.locator(".rail").get_by_role("link", name=words, exact=True).click()
        self.page.wait_for_load_state()

    def step(self, words: str) -> None:
        """Through the stepper, which stands on every page of an edition."""
        self.page.locator(".stepper").get_by_role("link", name=words).click()
        self.page.wait_for_load_state()

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.main.locator(f"#id_{name}").fill(value)

    def row(self, text: str):
        return self.main.locator("tr", has_text=text)

    def row_shows(self, text: str, *cells: str) -> None:
        for cell in cells:
            expect(self.row(text)).to_contain_text(cell)

    def hand_in(self, field: str, name: str, content: bytes, mime: str) -> None:
        self.main.locator(f"#id_{field}").set_input_files({"name": name, "mimeType": mime, "buffer": content})

    def download(self, words: str) -> tuple[str, io.BytesIO]:
        with self.page.expect_download() as kept:
            self.main.get_by_role("link", name=words, exact=True).first.click()
        return kept.value.suggested_filename, io.BytesIO(kept.value.path().read_bytes())

    def look(self, name: str) -> None:
        """A screenshot at both sizes, and what axe has to say."""
        self.album.take(self.window, name)
        assert not self.window.unreachable(), name
        self.looked_at.add(resolve(self.window.path).view_name)


class Walk:
    """Opens and closes the browsers; nobody leaves behind a page that complained."""

    def __init__(self, browser: Browser, base: str, clock: Clock, album: Album):
        self.browser, self.base, self.clock, self.album = browser, base, clock, album
        self.looked_at: set[str] = set()

    @contextmanager
    def visitor(self, user: str = "", *, size=DESKTOP) -> Iterator[Visitor]:
        window = Window(self.browser, self.base, size=size)
        someone = Visitor(window, self.album, self.looked_at)
        window.go("/")
        if user:
            self._sign_in(someone, user)
        yield someone
        assert not window.faults, window.faults
        window.close()

    def _sign_in(self, someone: Visitor, user: str) -> None:
        someone.follow("工作人员登录")
        someone.page.locator("input[name=login]").fill(user)
        someone.page.locator("input[name=password]").fill(PASSWORD)
        someone.page.get_by_role("button", name="登录", exact=True).click()
        someone.sees("等您办理")


def recommendation_workbook(*, wrong_code: bool = False) -> bytes:
    """推荐汇总表.xlsx as an office writes it: title, heads, eight enterprises; one code may be wrong."""
    book = Workbook()
    sheet = book.active
    sheet.append(["青岛市全员创新企业推荐汇总表"])
    sheet.append(HEADS)
    for number, (name, firm) in enumerate(FIRMS.items(), start=1):
        if name == TYPED:
            continue
        code = credit_code(number)
        if wrong_code and number == 3:
            code = code[:-1] + ("0" if code[-1] != "0" else "1")
        facts = {
            "序号": number,
            "推荐单位": "市南区总工会",
            "推荐排序": number,
            "企业名称": firm,
            "统一社会信用代码": code,
            "所属区市": "市南区",
            "企业性质": "民营" if number % 2 else "国有",
            "所属行业": "制造业",
            "职工人数": 200 + number * 37,
            "工会成立时间": date(2009, 5, number),
            "工会会员数": 180 + number * 30,
            "独立法人": "是",
            "联系人": "演示联系人",
            "联系电话": f"1990000000{number}",
            "主要事迹": f"{firm}{DEEDS}",
        }
        sheet.append([facts.get(head) for head in HEADS])
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def certificate() -> bytes:
    catalogue = b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    return b"%PDF-1.4\n" + catalogue + b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"


def photograph() -> bytes:
    """A workshop, as far as a few rectangles go."""
    picture = Image.new("RGB", (960, 720), "#dfe6ee")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 470, 960, 720), fill="#b9c3cf")
    for place in range(5):
        draw.rectangle(
            (70 + place * 170, 300, 190 + place * 170, 520), fill="#8a9bb0", outline="#5b6470", width=4
        )
        draw.ellipse((105 + place * 170, 230, 155 + place * 170, 280), fill="#a61b1b")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def text_moment(*day: int) -> str:
    return datetime(*day).strftime("%Y-%m-%dT%H:%M")  # noqa: DTZ001 (what a browser's field holds)
