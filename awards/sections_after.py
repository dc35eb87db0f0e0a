from awards.models import Honour, NoticeRow, Objection
from portal.models import Role

#: Who reads of objections on the record page; the others read the public page.
HANDLERS = (Role.OFFICE, Role.AUDITOR)


def sections(hat, nomination) -> list[tuple[str, dict]]:
    """What the record page says of publicity, objections, the honour and its grant."""
    rows = list(
        NoticeRow.objects.filter(nomination=nomination).select_related("notice").order_by("notice_id")
    )
    if not rows:
        return []
    honour = Honour.objects.filter(nomination=nomination).select_related("grant").first()
    objections = []
    if hat.role in HANDLERS:
        objections = list(Objection.objects.visible_to(hat).filter(nomination=nomination))
    reads_grant = honour is not None and Honour.objects.visible_to(hat).filter(pk=honour.pk).exists()
    context = {"rows": rows, "honour": honour, "objections": objections, "reads_grant": reads_grant}
    return [("awards/_after.html", context)]
