"""How far a kept file is, as `components/progress.html` shows it."""

from types import SimpleNamespace

from django.utils.translation import gettext as _

from nominations.models import IntakeFile
from nominations.services import keeping


def job_of(kept: IntakeFile, title: str) -> SimpleNamespace:
    stands = keeping.standing(kept)
    words = ""
    if stands.state == "done":
        words = _("已导入 {count} 行。").format(count=stands.done)
    elif stands.state == "failed":
        words = _("没有导入，原有内容没有改动。请查看原因。")
    elif stands.state == "running":
        words = _("正在导入。整份一起写入，全部完成之前别处看不到。可以离开本页，完成后会通知您。")
    return SimpleNamespace(title=title, state=stands.state, done=stands.done, total=stands.total, words=words)
