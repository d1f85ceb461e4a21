"""On the desk's page of a request: who gains or loses what by it, whose account that is, and who holds its tax IDs."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accessforms.domain import effects, form_tins, subjects
from accessforms.domain.outcomes import ADDS_TAX_IDS, Result, told
from accessforms.models import Submission
from identity.models import Account
from portals import registry
from rbac.domain import grants, idleness

NOBODY, ANOTHER = "-", "?"


class UnknownId(Exception):
    """Nobody has this ID in the portal's realm."""


REFUSED = (
    UnknownId,
    effects.SubjectUnclear,
    effects.RoleLeft,
    effects.AccountClosed,
    form_tins.NothingOpens,
    grants.OwnGrant,
    grants.GrantEnded,
    idleness.NotSuspended,
)


def shown(submission: Submission, answers: dict[str, Any], *, typed: QueryDict) -> dict[str, Any]:
    """For the template: the outcomes that approving would have, or had, and the tax IDs."""
    open_states = (Submission.State.SUBMITTED, Submission.State.FAX_RECEIVED)
    planned = effects.plan(submission=submission, answers=answers) if submission.state in open_states else []
    return {
        "planned": [
            {
                "outcome": outcome,
                "unclear": outcome.result == Result.UNCLEAR,
                "picked": typed.get(f"account-{outcome.subject.number}", ""),
                "typed": typed.get(f"id-{outcome.subject.number}", ""),
            }
            for outcome in planned
        ],
        "done": told(submission.outcomes),
        "adds_tins": any(outcome.result in ADDS_TAX_IDS for outcome in planned),
    }


def chosen(submission: Submission, posted: QueryDict) -> dict[int, Account | None]:
    """Whose account each person of the form is, as the page said when "Approve" was pressed. Raises UnknownId."""
    portal = registry.get(submission.portal_key)
    result: dict[int, Account | None] = {}
    for name, value in posted.items():
        number = name.removeprefix("account-")
        if name == number or not (number.isascii() and number.isdecimal() and len(number) < 3) or not value:
            continue
        login_name = str(posted.get(f"id-{number}", "") if value == ANOTHER else value)
        account = None if value == NOBODY else subjects.named(portal=portal, login_name=login_name)
        if account is None and value != NOBODY:
            raise UnknownId(login_name)
        result[int(number)] = account
    return result


def problem_of(refused: Exception) -> str:
    """What the desk reads instead of a decision; nothing was changed."""
    match refused:
        case UnknownId():
            return _("Nobody has the ID “%(id)s” in this portal's realm.") % {"id": refused.args[0]}
        case effects.SubjectUnclear():
            return _("Say first whose account the form is about, or return the form.")
        case effects.RoleLeft():
            return _(
                "The role that was chosen is offered no longer. Return the request, so that another one is chosen."
            )
        case effects.AccountClosed(login_name=login_name):
            return _("The account “%(id)s” is closed. Open it again first, or deny the request.") % {"id": login_name}
        case form_tins.NothingOpens():
            return _(
                "Its tax IDs belong to practices that are here already. Tick one that you have checked, or return the "
                "request."
            )
        case grants.OwnGrant():
            return _("This form is about your own access. A colleague decides it.")
    return _("The access was changed in this moment. Look at the page again.")
