"""What becomes of sign-ons at outside applications, and of linked old accounts, when two accounts become one (see
identity.merging.merging)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from identity.merging.merging import Moves, One, Stays, declare


def _unlink(row: Any, _now: datetime) -> None:
    """An undo would give it back to an ID that has linked another one since: it is nobody's, and can be linked anew."""
    row.account, row.linked_at, row.linked_by = None, None, ""
    row.save(update_fields=["account", "linked_at", "linked_by"])


declare(
    Stays(path="allauth_idp_oidc.client.owner", why="not used: an application belongs to a portal"),
    Stays(path="allauth_idp_oidc.token.user", why="not used: tokens are derived from sign-ons"),
    Stays(path="portals.feedback.account", why="history says who wrote it"),
    Stays(path="portals.consent.account", why="the application asks the remaining ID anew"),
    Stays(path="portals.oidcsession.account", why="it ended with the sessions of the account"),
    Moves(path="portals.document.owner", what=_("Documents")),
    Stays(path="portals.document.held_by", why="history says who held it"),
    Stays(path="portals.document.deleted_by", why="history says who deleted it"),
    Stays(path="portals.documentopening.account", why="history says who read it, by which ID"),
    Stays(path="portals.documentpracticeshare.shared_by", why="history says who shared it"),
    Stays(path="portals.documentuserobjectpermission.shared_by", why="history says who shared it"),
    # What both were given is there once, and nobody is asked.
    One(
        path="portals.documentuserobjectpermission.user",
        key=lambda row: str(row.content_object_id),
        counts=lambda row: False,
    ),
    Stays(path="portals.documentversion.uploaded_by", why="history says who added it"),
    Stays(path="portals.layout.account", why="the remaining ID has an order of its own, or none"),
    # An account has at most one old account of a source: where both have one, the person chooses.
    One(path="portals.legacyaccount.account", what=_("Old account"), key=lambda row: row.source, supersede=_unlink),
    # One that is under way ends within a day, where it was begun: the other ID may have begun the same one.
    Moves(
        path="portals.attempt.account",
        what=_("Courses"),
        describe=lambda row: row.version.title,
        rows=lambda rows: rows.exclude(state="open").select_related("version"),
    ),
    Stays(path="portals.courseversion.proposed_by", why="history says who wrote it"),
    Stays(path="portals.courseversion.published_by", why="history says who published it"),
    Stays(path="portals.legacyimport.by", why="history says who it was"),
    Stays(path="portals.linkrequest.account", why="the ID that is left may ask anew"),
    Stays(path="portals.newsitem.proposed_by", why="history says who wrote it"),
    Stays(path="portals.newsitem.published_by", why="history says who published it"),
    Stays(path="portals.newsitem.withdrawn_by", why="history says who withdrew it"),
    # What the ID that is left has read itself counts; the rest it brings along, without a question.
    One(path="portals.newsread.account", key=lambda row: str(row.item_id), counts=lambda row: False),
    Stays(path="portals.phasemove.by", why="history says who moved it"),
    Stays(path="portals.portaltext.by", why="history says who wrote it"),
    Stays(path="portals.unlinking.account", why="history says whose it was"),
    Stays(path="portals.unlinking.asked_by", why="history says who asked"),
    Stays(path="portals.unlinking.ended_by", why="history says who ended it"),
)
