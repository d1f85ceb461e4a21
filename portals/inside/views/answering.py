"""The practices for whose people the reader answers, behind a portal's door."""

from django.http import Http404

from portals.entry.admission import PortalRequest
from portals.inside.domain import answering
from rbac.models import Practice


def practices(request: PortalRequest) -> list[Practice]:
    """All of them, by name."""
    return [row.practice for row in answering.answered_for(request.memberships)]


def practice_or_404(request: PortalRequest, practice: int) -> Practice:
    """One of them; another one is not found, as one that does not exist."""
    for one in practices(request):
        if one.pk == practice:
            return one
    raise Http404
