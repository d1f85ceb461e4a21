"""Many people at once: a list is pasted, read back row by row, and sent by one press; and the own users as a list."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.domain import people, people_lists
from enrollment.domain.invitations import Invitee
from enrollment.domain.people_lists import COLUMNS, MAX_ROWS, Outcome, Row
from enrollment.forms.people import ListedForm, ListForm
from enrollment.views.people import office_of, show, while_administrator
from identity.files import doors
from identity.policy import zones
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from portals.legacy import lines, reports
from portals.legacy.rows import reason_text
from rbac.models import Membership
from rbac.roles import ADMINISTRATOR

SAYS: dict[Outcome, Any] = {
    Outcome.READY: gettext_lazy("Will be invited"),
    Outcome.SENT: gettext_lazy("Invited"),
    Outcome.TWICE: gettext_lazy("The list names this address twice; the first row counts."),
    Outcome.OWN: gettext_lazy("This is your own address."),
    Outcome.MEMBER: gettext_lazy("A user of your practice has this address already: nothing to do."),
    Outcome.INVITED: gettext_lazy("Somebody of your practice has invited this address already: nothing to do."),
    Outcome.TOO_MANY_OPEN: gettext_lazy("Beyond the invitations that you may have open: send this row later."),
    Outcome.TOO_MANY_TODAY: gettext_lazy("Beyond the invitations that your practice may send in a day: try tomorrow."),
}


@dataclass(slots=True)
class Listed:
    """One row as the page shows it: whom it names, and what is wrong or what becomes of it."""

    row: Row
    invitee: Invitee | None
    problems: list[tuple[Any, str]]
    outcome: Outcome | None = None

    @property
    def says(self) -> Any:
        return SAYS[self.outcome] if self.outcome else ""


@doors.takes_file(people_lists.MAX_BYTES)
@portal_page(practice=ADMINISTRATOR)
@while_administrator
def invite_list(request: PortalRequest) -> HttpResponse:
    """Paste or choose a list; look at what each row becomes; one press invites all that are right."""
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _asked(request, form)
    content = form.content()
    try:
        listed = _listed(request, people_lists.parse(content))
    except lines.FileRefused as refused:
        form.add_error(form.source(), lines.problem_text(refused.kept))
    except people_lists.TooManyRows:
        form.add_error(form.source(), _("A list has at most %(most)s people.") % {"most": MAX_ROWS})
    else:
        return _answered(request, content, listed)
    return _asked(request, form)


def _asked(request: PortalRequest, form: ListForm) -> HttpResponse:
    return show(request, "list", form=form, columns=COLUMNS, most=MAX_ROWS)


def _answered(request: PortalRequest, content: bytes, listed: list[Listed]) -> HttpResponse:
    """The preview, which writes nothing; or, once it was pressed, what became of each row."""
    good = [one for one in listed if one.invitee is not None]
    press = "invite" in request.POST
    act = people_lists.invite_all if press else people_lists.preview
    invitees = [one.invitee for one in good if one.invitee is not None]
    outcomes = act(office=office_of(request), invitees=invitees, by=request.user, now=timezone.now())
    for one, outcome in zip(good, outcomes, strict=True):
        one.outcome = outcome
    count = outcomes.count(Outcome.SENT if press else Outcome.READY)
    text = content.decode(errors="replace")  # it was read: it is UTF-8
    return show(request, "list_sent" if press else "list_preview", listed=listed, count=count, text=text)


def _listed(request: PortalRequest, rows: Iterable[Row]) -> list[Listed]:
    today = zones.today(request.portal.realm, now=timezone.now())
    form = ListedForm(practice=request.membership.practice, today=today)
    found = []
    for row in rows:
        invitee, problems = (None, [("", reason_text(row.reason, row.detail))]) if row.reason else form.read(row.cells)
        found.append(Listed(row, invitee, problems))
    return found


@portal_page(methods="read", practice=ADMINISTRATOR)
def export(request: PortalRequest) -> HttpResponse:
    """The own users as a list; its cells are never formulas (policy: Always)."""
    headings = (*COLUMNS.known, "role", "status", "since", "last_used")
    table = reports.table(headings, _lines(office_of(request).members().iterator(chunk_size=500)))
    headers = {"Content-Disposition": 'attachment; filename="users.csv"'}
    return HttpResponse("".join(table), content_type="text/csv; charset=utf-8", headers=headers)


def _lines(members: Iterator[Membership]) -> Iterator[list[object]]:
    now = timezone.now()
    for row in members:
        first, last = row.person_names
        office = [getattr(row, name) for name in people_lists.OFFICE]
        used = f"{timezone.localtime(row.last_used_at):%Y-%m-%d}" if row.last_used_at else ""
        since, status = f"{timezone.localtime(row.since):%Y-%m-%d}", people.standing(row, now=now).label
        yield [first, last, row.person_email, *office, row.ends_on or "", row.role_label, status, since, used]
