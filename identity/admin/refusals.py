"""Why a step of the desk was not done, in the words of the page: of two who release, of one account that is handled."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from identity.accounts import staff_rights
from identity.jobs.by_two import MayNotRelease
from identity.record import machine

# By class; a class stands before those that it is a kind of.
RELEASING: Mapping[type[Exception], Promise] = {
    machine.SamePerson: _("You released it already. A second person has to do so as well."),
    machine.ReasonMissing: _("Enter a reason: whoever looks this up later reads it."),
    machine.NotPossible: _("Nothing was changed: a colleague was quicker."),
    MayNotRelease: _("Nothing was changed: you no longer hold the right to do this."),
}
HANDLING: Mapping[type[Exception], Promise] = {
    machine.ReasonMissing: _("Enter a reason: the journal keeps it."),
    staff_rights.OwnAccount: _("This is your own account. A colleague does this."),
    staff_rights.MayNotHandle: _("This account has rights that you do not have. Somebody who has them does this."),
}


def words_of(refused: Exception, table: Mapping[type[Exception], Promise]) -> str:
    """What the page says of it."""
    return str(next(words for kind, words in table.items() if isinstance(refused, kind)))
