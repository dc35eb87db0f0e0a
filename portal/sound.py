"""Text without the characters that no page, feed, workbook or paper can carry."""

import re

# What XML 1.0 does not allow: control characters but tab and the ends of lines, and half a surrogate pair.
UNSOUND = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def sound(text: str) -> str:
    return UNSOUND.sub("", text)
