"""What is put right silently in typed text, and how names are compared."""
# ruff: noqa: RUF001 - the look-alikes are the subject of this page

import re
import unicodedata

# Letters and digits typed at full width; punctuation keeps its width, it is right in Chinese.
_NARROW = {
    code: code - 0xFEE0
    for first, last in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
    for code in range(first, last + 1)
}
_ESCAPED_CONTROL = re.compile(r"_x00[01][0-9A-Fa-f]_")
_SPACES = re.compile(r"[^\S\n]+")
_CJK = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
_BETWEEN_CJK = re.compile(rf"(?<={_CJK})\s+(?={_CJK})")
_AROUND_BREAK = re.compile(r" *\n *")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_BRACKETS = str.maketrans(
    {"〔": "(", "〕": ")", "［": "(", "］": ")", "【": "(", "】": ")", "[": "(", "]": ")"}
)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟＂「」『』", '"') | dict.fromkeys("‘’‚‛＇", "'"))
_REMARK = re.compile(r"[(（](必填|选填|必选|文本格式|单选)[)）]$")


def visible(text: str) -> str:
    """Without byte-order marks, zero-width characters and controls; line breaks as one character."""
    text = _ESCAPED_CONTROL.sub(lambda found: chr(int(found[0][2:6], 16)), text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cf", "Cc", "Cs"))


def clean_line(text: str) -> str:
    """One line: half-width letters and digits, single spaces, none between Chinese characters."""
    text = _SPACES.sub(" ", visible(text).translate(_NARROW).replace("\n", " ")).strip()
    return _BETWEEN_CJK.sub("", text)


def clean_paragraphs(text: str) -> str:
    """Several lines: as `clean_line`, but line breaks and the spaces inside a sentence are the writer's."""
    text = _SPACES.sub(" ", visible(text).translate(_NARROW))
    return re.sub(r"\n{3,}", "\n\n", _AROUND_BREAK.sub("\n", text)).strip()


def clean_code(text: str) -> str:
    """A code or phone number: compatibility forms folded, no white space, upper case."""
    text = unicodedata.normalize("NFKC", visible(text)).translate(_DASHES)
    return re.sub(r"\s+", "", text).lstrip("'").upper()


def clean_number(text: str) -> str:
    """A figure typed as text: half-width, no white space."""
    text = unicodedata.normalize("NFKC", visible(text)).translate(_DASHES)
    return re.sub(r"\s+", "", text).lstrip("'")


def name_key(name: str) -> str:
    """What two spellings of one name have in common: width, spaces, brackets, quotes and case set aside."""
    text = visible(name).translate(_BRACKETS).translate(_QUOTES)
    text = unicodedata.normalize("NFKC", text).translate(_QUOTES).translate(_DASHES)
    return re.sub(r"\s+", "", text).casefold()


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are one name: 青岛（演示）公司 is 青岛(演示) 公司."""
    return name_key(one) == name_key(other)


def header_key(heading: str) -> str:
    """A heading as it is compared: also without a star, a colon or a remark such as （必填）."""
    key = name_key(heading).strip("*:：")
    return _REMARK.sub("", key).strip("*:：")
