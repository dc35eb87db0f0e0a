from django import template

from portal.permissions import can

register = template.Library()


@register.simple_tag(takes_context=True, name="can")
def can_tag(context, act, thing=None):
    """`{% can "review.score" assignment as ok %}`: the same table the services ask."""
    request = context.get("request")
    return can(getattr(request, "hat", None), act, thing)
