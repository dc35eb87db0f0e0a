"""After closing: an expert's own scores beside the panel's, without names."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render

from portal.models import Role
from portal.templatetags.portal import score
from review.models import PanelMember
from review.services.statistics import own_figures
from review.views.finding import find_edition, framed


def compared(request, pk):
    """我的评分与专家组: own nominations alone; before closing there is nothing to see."""
    if request.hat.role != Role.EXPERT:
        raise PermissionDenied
    edition = find_edition(request, pk)
    if not PanelMember.objects.filter(edition=edition, user=request.hat.user_id).exists():
        raise Http404
    figures = own_figures(edition, request.hat)
    lines = []
    for each in figures.lines if figures else ():
        apart = each.apart
        lines.append(
            {
                "name": each.nomination.subject_name,
                "own": score(each.own),
                "panel": score(each.panel),
                "apart": f"+{score(apart)}" if apart is not None and apart > 0 else score(apart),
            }
        )
    context = framed(request, edition, figures=figures, lines=lines)
    return render(request, "review/compared.html", context)
