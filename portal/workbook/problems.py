"""What is wrong with a workbook: sentences, each with its place."""

from dataclasses import dataclass

from portal.errors import N_, Refused
from portal.sentences import Sentence
from portal.speech import said

NOTHING = Sentence("")


@dataclass(frozen=True)
class CellError:
    """One error: where it is, what is wrong, what would be right.

    `row` is None when the whole file is meant, `column_name` is empty when the whole row is.
    """

    row: int | None
    column_letter: str
    column_name: str
    problem: Sentence
    expected: Sentence = NOTHING

    @property
    def place(self) -> str:
        if self.row is None:
            return ""
        if not self.column_name:
            return said(Sentence(N_("第 {row} 行"), {"row": self.row}))
        params = {"row": self.row, "letter": self.column_letter, "name": self.column_name}
        if not self.column_letter:
            return said(Sentence(N_("第 {row} 行“{name}”"), params))
        return said(Sentence(N_("第 {row} 行 {letter} 列“{name}”"), params))

    @property
    def order(self) -> tuple:
        return (self.row or 0, len(self.column_letter), self.column_letter)

    def __str__(self) -> str:
        before = f"{self.place}：" if self.row else ""
        after = f"；{said(self.expected).rstrip('。')}" if self.expected.message else ""
        return f"{before}{said(self.problem).rstrip('。')}{after}。"

    def as_dict(self) -> dict:
        """For JSON: everything said in the language of now."""
        return {
            "row": self.row,
            "column_letter": self.column_letter,
            "column_name": self.column_name,
            "problem": said(self.problem),
            "expected": said(self.expected),
            "sentence": str(self),
        }


class WorkbookRefused(Refused):
    """The file is refused whole; `errors` says all that is wrong with it, in order of row and column."""

    def __init__(self, errors: list[CellError]):
        self.errors = sorted(errors, key=lambda error: error.order)
        if len(self.errors) == 1:
            super().__init__(N_("文件没有导入：{error}"), error=self.errors[0])
        else:
            super().__init__(
                N_("文件没有导入：共有 {count} 处需要修改，请逐处改正后重新上传。"), count=len(self.errors)
            )


def refuse_file(problem: str, expected: str = "", **params) -> WorkbookRefused:
    """The refusal of a whole file, in one sentence."""
    return WorkbookRefused([CellError(None, "", "", Sentence(problem, params), Sentence(expected, params))])
