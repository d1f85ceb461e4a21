"""What becomes of memberships when two grants for one portal meet in a merge (D-17, D-29)."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.merging.merging import NOBODY, Change, Choices, Clash, One, Unchosen
from identity.models import Account
from identity.tenancy import Text, tenancy
from rbac.models import AccessGrant, Membership

TINS = Membership.tins.through
type Pair = tuple[Membership, Membership]  # of one practice: of the grant that is kept, of the other one


@dataclass(frozen=True, kw_only=True)
class GrantsMeet(One):
    """Of two grants for a portal the person keeps one; the memberships behind the other join it. Where both are in one
    practice with different roles, the person chooses the role too. What rested rests on until somebody confirms it."""

    def clashes(self, own: Account, other: Account) -> list[Clash]:
        ours, theirs = self._keyed(own), self._keyed(other)
        found = [self._told(clash, ours, theirs) for clash in super().clashes(own, other)]
        for key in (key for key in ours if key in theirs):
            for mine, yours in _pairs(ours[key], theirs[key]):
                if mine.role != yours.role:
                    options = ((own.pk, _named(mine)), (other.pk, _named(yours)))
                    found.append(Clash(self._role_name(mine), gettext_lazy("Your role in a practice"), options))
        return found

    def _told(self, clash: Clash, ours: dict[str, AccessGrant], theirs: dict[str, AccessGrant]) -> Clash:
        """The question which grant is kept, with what waits where the other one is."""
        key = clash.key.removeprefix(self._name(""))
        told = []
        for (pk, words), left, kept in zip(
            clash.options, (ours[key], theirs[key]), (theirs[key], ours[key]), strict=True
        ):
            waits = _rests_since(kept, left) is not None and left.memberships.current().exists()
            told.append((pk, _waiting(words) if waits else words))
        return replace(clash, options=tuple(told))

    def changes(self, survivor: Account, absorbed: Account, choices: Choices) -> list[Change]:
        found = super().changes(survivor, absorbed, choices)
        for kept, left in self.met(survivor, absorbed, choices):
            found += self._joined(kept, left, owner=kept.account_id, other=left.account_id, choices=choices)
        return found

    def met(self, survivor: Account, absorbed: Account, choices: Choices) -> list[tuple[AccessGrant, AccessGrant]]:
        """Of each two grants for one portal the one that is kept and the one that is left. Raises Unchosen."""
        ours, theirs, found = self._keyed(survivor), self._keyed(absorbed), []
        for key in (key for key in ours if key in theirs):
            is_kept = self._chosen(ours[key], theirs[key], survivor, absorbed, choices) == survivor.pk
            found.append((ours[key], theirs[key]) if is_kept else (theirs[key], ours[key]))
        return found

    def _joined(
        self, kept: AccessGrant, left: AccessGrant, *, owner: int, other: int, choices: Choices
    ) -> list[Change]:
        found = []
        shared = {theirs.pk: ours for ours, theirs in _pairs(kept, left)}
        rests_since = _rests_since(kept, left)
        for row in left.memberships.current():
            ours = shared.get(row.pk)
            rest: list[Change] = []
            if rests_since is not None and row.suspended_at is None:
                row.suspended_at = rests_since  # as it is going to stand
                rest = [self.change(row, "suspended_at", None, rests_since.isoformat())]
            if ours is None:
                found += [*rest, self.change(row, "grant_id", left.pk, kept.pk)]
                continue
            winner = ours
            if self._wins(row, ours, owner=owner, other=other, choices=choices):
                winner = row
                found += [
                    *rest,
                    self.change(ours, "grant_id", kept.pk, NOBODY),
                    self.change(row, "grant_id", left.pk, kept.pk),
                    self.change(ours, "grant_id", NOBODY, left.pk),
                ]
            found += self._tins(winner, row if winner is ours else ours)
        return found

    def _wins(self, row: Membership, ours: Membership, *, owner: int, other: int, choices: Choices) -> bool:
        """Whether the row behind the grant that is left takes the place of the other: by the chosen role; with one
        role, the one that is for the whole practice, or goes on while the other rests."""
        if row.role != ours.role:
            chosen = choices.get(self._role_name(row))
            if chosen not in (owner, other):
                raise Unchosen(self._role_name(row))
            return chosen == other
        return (row.suspended_at is None, row.is_of_whole_practice) > (
            ours.suspended_at is None,
            ours.is_of_whole_practice,
        )

    def _tins(self, winner: Membership, loser: Membership) -> list[Change]:
        """The tax IDs that were approved in the other row come along, unless the row is for all of them, or the other
        one rests: a merge wakes nothing that an administrator let rest (D-11)."""
        if winner.is_of_whole_practice or loser.suspended_at is not None:
            return []
        held = TINS.objects.filter(membership=winner).values("practicetin")
        rows = TINS.objects.filter(membership=loser).exclude(practicetin__in=held).order_by("pk")
        return [self.change(row, "membership_id", loser.pk, winner.pk) for row in rows]

    def may_return(self, change: Change, *, now: datetime) -> bool:
        if change.model == AccessGrant._meta.label_lower:
            return super().may_return(change, now=now)
        row = change.row()
        if change.field == "suspended_at":  # it goes on behind the access that it rested with, never behind the other
            return row is not None and _rested_at(row.grant, datetime.fromisoformat(change.new))
        if row is None or getattr(row, change.field) != change.new:
            return False
        if not isinstance(row, Membership) or row.until is not None:
            return True
        return not Membership.objects.current().filter(grant=change.old, practice=row.practice_id).exists()

    def _role_name(self, membership: Membership) -> str:
        return f"{self.path}:{membership.grant.portal_key}:{membership.practice_id}"


def _rests_since(kept: AccessGrant, left: AccessGrant) -> datetime | None:
    """Since when `left` rests, where a merge alone would let what is behind it count, or count sooner: the kept grant
    does not rest, or not for as long (D-09)."""
    if left.suspended_at is None or (kept.suspended_at is not None and kept.suspended_at <= left.suspended_at):
        return None
    return left.suspended_at


def _rested_at(grant: AccessGrant, moment: datetime) -> bool:
    """Whether a grant rests, or came back since a moment at which it did."""
    return grant.suspended_at is not None or (grant.restored_at is not None and grant.restored_at >= moment)


def _waiting(words: Text) -> Text:
    told = {"access": words}
    return _("%(access)s; not used: if you keep the other one, its practices wait for a confirmation") % told


def _pairs(one: AccessGrant, other: AccessGrant) -> list[Pair]:
    """The practices that both grants have an open membership in."""
    rows = {row.practice_id: row for row in other.memberships.current().select_related("grant", "practice")}
    own = one.memberships.current().select_related("grant", "practice").order_by("practice__name", "pk")
    return [(row, rows[row.practice_id]) for row in own if row.practice_id in rows]


def _named(membership: Membership) -> Text:
    told = {
        "portal": tenancy().tenant(membership.grant.portal_key).name,
        "practice": membership.practice.name,
        "role": membership.role_label,
    }
    return _("%(practice)s in %(portal)s: %(role)s") % told
