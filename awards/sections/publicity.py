from awards.models import NoticeRow


def rows_of(nomination) -> list[NoticeRow]:
    """The notices on which it stands."""
    return list(
        NoticeRow.objects.filter(nomination=nomination).select_related("notice").order_by("notice_id")
    )
