from awards.models import Inspection


def section(hat, nomination):
    if hat is None:
        return
    visits = Inspection.objects.visible_to(hat).filter(nomination=nomination)
    visit = visits.select_related("recorded_by__user").prefetch_related("photos").first()
    if visit is not None:
        yield "awards/inspection_section.html", {"visit": visit}
