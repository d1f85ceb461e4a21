"""Texts of a portal that operators change without a release (S0-08): the definition's words, and rows over them.

Plain text: it is escaped where it is shown, and an empty line begins a paragraph. An empty text means the definition's.
"""

from collections.abc import Mapping
from datetime import datetime

from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from identity.models import Account, JournalEntry
from identity.record import journal
from portals import events
from portals.models import PortalText
from portals.spec import PortalSpec

RIGHT = "portals.change_wording"
KEPT = 30  # seconds that a process may go on with what it has read; a change clears it for all
MAX_LENGTH = 2000  # characters of one text

# Every text that can be changed, in the order in which people meet them; operators read these names.
NAMES: dict[str, Promise] = {
    "banner": _("Landing page: banner"),
    "required_note": _("Landing page: from when on the ID is needed"),
    "notice_heading": _("Notice: heading"),
    "notice": _("Notice: text"),
    "old_log_in_note": _("Log-in page before the day: note"),
    "pre_register_button": _("Log-in page before the day: button"),
    "both_ways_note": _("Log-in page after the day: note beside the old fields"),
    "id_only_note": _("Log-in page at the end: note in the place of the old fields"),
    "last_heading": _("Last log-in: heading"),
    "last_explanation": _("Last log-in: explanation"),
    "last_note": _("Last log-in: note at the button"),
    "last_button": _("Last log-in: button"),
    "no_old_account": _("Last log-in: for people who have no old account, or cannot use it"),
}
OF_A_BANNER = ("banner", "required_note")
OF_THE_LAST_LOG_IN = (*(key for key in NAMES if key.startswith("last_")), "no_old_account")


class MayNotChange(Exception):
    """This account holds no right to change texts."""


class NoSuchText(Exception):
    """The portal has no text of this key."""


class TooLong(Exception):
    """A text may have 2,000 characters."""


class ChangedMeanwhile(Exception):
    """The texts are no longer those that were seen: a colleague was quicker."""


def may_change(account: Account) -> bool:
    """Whether the account may change texts. A signed-in person's rights are asked anew."""
    return account.is_active and account.is_staff and account.has_perm(RIGHT)


def for_portal(portal: PortalSpec, language: str) -> dict[str, str]:
    """All texts of a portal as its pages show them now."""
    if not portal.wording:
        return {}
    changed = changes(portal, language)
    with translation.override(language):
        return {key: changed.get(key) or str(text) for key, text in portal.wording}


def changes(portal: PortalSpec, language: str) -> dict[str, str]:
    """The texts that operators have changed, kept for a short while: strangers open the pages that show them."""
    name = _kept_as(portal.key, language)
    kept: dict[str, str] | None = cache.get(name)
    if kept is None:
        kept = read(portal, language)
        cache.set(name, kept, KEPT)
    return kept


def read(portal: PortalSpec, language: str) -> dict[str, str]:
    """The texts that operators have changed as they stand now: what `change` is told was seen."""
    rows = PortalText.objects.filter(portal_key=portal.key, language=language).exclude(text="")
    return dict(rows.order_by("key").values_list("key", "text"))


@transaction.atomic
def change(
    *, portal: PortalSpec, language: str, texts: Mapping[str, str], seen: Mapping[str, str], by: Account, now: datetime
) -> list[str]:
    """Set these texts; an empty one, or the definition's own, goes back to it. Answers the keys that changed (S0-08).
    `seen` is what `read` answered before they were typed.

    Raises MayNotChange, NoSuchText, TooLong, or ChangedMeanwhile when the texts are no longer those.
    """
    if not may_change(Account.objects.get(pk=by.pk)):
        raise MayNotChange
    with translation.override(language):
        defaults = {key: str(text) for key, text in portal.wording}
    if read(portal, language) != seen:
        raise ChangedMeanwhile
    changed = []
    for key, typed in texts.items():
        if key not in defaults:
            raise NoSuchText(key)
        text = "\n".join(line.rstrip() for line in typed.strip().splitlines())
        if len(text) > MAX_LENGTH:
            raise TooLong(key)
        text = "" if text == defaults[key] else text
        if text != seen.get(key, ""):
            _set(portal, language, key, text, before=seen.get(key, ""), by=by, now=now)
            changed.append(key)
    name = _kept_as(portal.key, language)
    cache.delete(name)
    transaction.on_commit(lambda: cache.delete(name), robust=True)
    return changed


def history(portal: PortalSpec, language: str) -> QuerySet[JournalEntry]:
    """Who changed which text when, newest first."""
    rows = PortalText.objects.filter(portal_key=portal.key, language=language)
    return journal.history_of_all(PortalText, [str(pk) for pk in rows.values_list("pk", flat=True)])


def _set(portal: PortalSpec, language: str, key: str, text: str, *, before: str, by: Account, now: datetime) -> None:
    """A row stays once it is there, empty where the definition's text holds again: its history hangs on it."""
    row, _created = PortalText.objects.get_or_create(
        portal_key=portal.key, language=language, key=key, defaults={"text": "", "by": by, "at": now}
    )
    if not PortalText.objects.filter(pk=row.pk, text=before).update(text=text, by=by, at=now):
        raise ChangedMeanwhile
    told = events.WordingChanged(
        account=None, by=by, about=row, portal_key=portal.key, language=language, key=key, text=text
    )
    journal.record(told, now=now)


def _kept_as(portal_key: str, language: str) -> str:
    return f"wording:{portal_key}:{language}"
