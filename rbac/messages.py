"""What people are told about access, practices and hand-overs, and operators about a run that waits for them."""

from datetime import UTC, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.models import Account
from identity.notices.messages import absolute, render_mail
from identity.policy import lifecycle
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Message
from identity.tenancy import tenancy
from rbac.domain import grid_changes
from rbac.models import (
    AccessGrant,
    DecidersChange,
    GridVersion,
    HandOver,
    Mandate,
    Membership,
    PracticeWarning,
    Review,
    ReviewLine,
    SweepRun,
)


class _GrantMail(Message, abstract=True, is_bulk=True):
    grant: int

    def mail(self, template: str, grant: AccessGrant, account: Account, **told: object) -> Rendered | None:
        """The mail, in the name of the grant's portal; nobody writes to an account that was closed."""
        if not account.is_active:
            return None
        link = absolute(reverse("portal_home", args=[grant.portal_key]))  # leads to the way back while access rests
        told |= {"grant": grant, "link": link}
        return render_mail(f"rbac/mail/{template}", account=account, tenant=grant.portal_key, context=told)


class IdleWarningMail(_GrantMail, title=_("Access rests soon")):
    """Access will rest unless it is used (S3-19). `deadline` is a moment in seconds: after a use it is another."""

    deadline: int
    days: int

    def render(self, *, account: Account) -> Rendered | None:
        grant = AccessGrant.objects.active().filter(pk=self.grant, warned_days=self.days).first()
        deadline = datetime.fromtimestamp(self.deadline, UTC)
        if grant is None or deadline <= timezone.now():
            return None
        return self.mail("idle_warning", grant, account, deadline=deadline)


class AccessSuspendedMail(_GrantMail, title=_("Access rests")):
    """Access rests from now on, and how it comes back (S3-19, D-09)."""

    run: int

    def render(self, *, account: Account) -> Rendered | None:
        grant = AccessGrant.objects.resting().filter(pk=self.grant, suspended_by_run=self.run).first()
        return self.mail("access_suspended", grant, account) if grant else None


class AccessBackMail(_GrantMail, title=_("Access is back")):
    """Access is back (D-09). `restored` tells one return from the next."""

    restored: int

    def render(self, *, account: Account) -> Rendered | None:
        grant = AccessGrant.objects.active().filter(pk=self.grant).first()
        return self.mail("access_back", grant, account) if grant else None


class _MembershipMail(Message, abstract=True):
    membership: int

    def mail(self, template: str, membership: Membership | None, account: Account, **told: object) -> Rendered | None:
        """The mail, in the name of the portal that the reader has an account for."""
        if membership is None or not account.is_active:
            return None
        key = membership.grant.portal_key
        portal = tenancy().tenant(key)
        told |= {"membership": membership, "portal": portal.name, "link": absolute(reverse("portal_home", args=[key]))}
        tenant = key if portal.realm == account.realm else ""
        return render_mail(f"rbac/mail/{template}", account=account, tenant=tenant, context=told)

    @property
    def found(self) -> Membership | None:
        """What it is about, as it stands."""
        rows = Membership.objects.select_related("grant__account", "practice", "suspended_by")
        return rows.filter(pk=self.membership).first()

    @property
    def open_one(self) -> Membership | None:
        """The membership, unless it has ended."""
        return row if (row := self.found) is not None and row.until is None else None


class MembershipOpenedMail(_MembershipMail, title=_("Work for a practice: begun")):
    """Somebody works for a practice from now on (D-29)."""

    def render(self, *, account: Account) -> Rendered | None:
        return self.mail("membership_opened", self.open_one, account)


class MembershipEndedMail(_MembershipMail, title=_("Work for a practice: ended")):
    """Somebody no longer works for a practice; what else they have stays (D-11)."""

    def render(self, *, account: Account) -> Rendered | None:
        return self.mail("membership_ended", self.found, account)


class RoleChangedMail(_MembershipMail, title=_("Work for a practice: another role")):
    """Somebody works in another role or market from now on, there and in so many other practices (S2-17)."""

    others: int

    def render(self, *, account: Account) -> Rendered | None:
        return self.mail("role_changed", self.open_one, account, others=self.others)


class MembershipSuspendedMail(_MembershipMail, title=_("Work for a practice: rests")):
    """Somebody's work for a practice rests, and who lets it go on (D-11). `suspended`, in seconds, tells one rest."""

    suspended: int

    def render(self, *, account: Account) -> Rendered | None:
        membership = self.found
        if membership is None or membership.suspended_at is None:
            return None
        staff = tenancy().tenant(membership.grant.portal_key).staff_name
        return self.mail("membership_suspended", membership, account, staff=staff)


class MembershipRestoredMail(_MembershipMail, title=_("Work for a practice: goes on")):
    """Somebody's work for a practice goes on (D-11). `restored` is a moment in seconds."""

    restored: int

    def render(self, *, account: Account) -> Rendered | None:
        row = self.open_one
        return self.mail("membership_restored", row if row and row.suspended_at is None else None, account)


class JoinedByFormMail(_MembershipMail, title=_("A form let somebody into your practice")):
    """An approved form let somebody in: goes to who runs the practice's users (D-25)."""

    def render(self, *, account: Account) -> Rendered | None:
        membership = self.found
        still = membership if membership is not None and membership.until is None else None
        return self.mail("joined_by_form", still, account)


class ReviewSuspendedMail(_MembershipMail, title=_("Work for a practice: rests after a review")):
    """Nobody confirmed in a review that somebody still works for a practice: it rests, and can go on (D-11)."""

    review: int

    def render(self, *, account: Account) -> Rendered | None:
        membership = self.found
        rests = membership if membership is not None and membership.suspended_at is not None else None
        return self.mail("review_suspended", rests, account)


class PracticeWarningMail(Message, is_bulk=True, title=_("Practice left with few administrators")):
    """Who runs the practice's users is told before nobody is left (D-15)."""

    warning: int

    def render(self, *, account: Account) -> Rendered | None:
        row = PracticeWarning.objects.select_related("practice").filter(pk=self.warning, over_at=None).first()
        if row is None or not account.is_active:
            return None
        portal = tenancy().tenant(row.portal_key)
        link = absolute(reverse("practice_health", args=[row.portal_key, row.practice_id]))
        told = {"warning": row, "portal": portal.name, "link": link}
        return render_mail("rbac/mail/practice_warning", account=account, tenant=row.portal_key, context=told)


class HandOverMail(Message, title=_("Hand-over of a practice")):
    """A step of a hand-over, to both and to whoever else runs the practice's users (D-15)."""

    handover: int  # `hand_over` is what the outbox calls
    state: str

    def render(self, *, account: Account) -> Rendered | None:
        rows = HandOver.objects.select_related("practice", "from_account", "to_account")
        row = rows.filter(pk=self.handover, state=self.state).first()
        if row is None or not account.is_active:
            return None
        told = {
            "hand_over": row,
            "portal": tenancy().tenant(row.portal_key).name,
            "is_follower": row.to_account_id == account.pk,
            "link": absolute(reverse("hand_over", args=[row.portal_key, row.pk])) if self._is_of(row, account) else "",
        }
        return render_mail("rbac/mail/hand_over", account=account, tenant=row.portal_key, context=told)

    @staticmethod
    def _is_of(row: HandOver, account: Account) -> bool:
        return account.pk in (row.to_account_id, row.from_account_id)


class MandateMail(Message, title=_("Mandate of a practice")):
    """A vendor asks, the practice agreed, or it ended: to those who agree and, once they did, to who asked (S3-10)."""

    mandate: int
    state: str

    def render(self, *, account: Account) -> Rendered | None:
        rows = Mandate.objects.select_related("vendor", "practice")
        row = rows.filter(pk=self.mandate, state=self.state).first()
        if row is None or not account.is_active:
            return None
        page = "mandates_held" if row.asked_by_id == account.pk else "mandates_given"
        told = {
            "mandate": row,
            "portal": tenancy().tenant(row.portal_key).name,
            "days": lifecycle.after("mandate_open").days,
            "link": absolute(reverse(page, args=[row.portal_key])),
        }
        return render_mail("rbac/mail/mandate", account=account, tenant=row.portal_key, context=told)


class ReviewMail(Message, is_bulk=True, title=_("Review of the people of a practice")):
    """A review waits, or ended unanswered: to who runs a practice's users (D-11). `step`: its state, or "reminder"."""

    review: int
    step: str

    def render(self, *, account: Account) -> Rendered | None:
        row = Review.objects.select_related("practice").filter(pk=self.review).first()
        waits = self.step != Review.State.UNANSWERED
        if row is None or not account.is_active or row.is_open(timezone.now()) != waits:
            return None
        told = {
            "review": row,
            "step": self.step,
            "suspended": row.lines.filter(answer=ReviewLine.Answer.SUSPEND, answered_by=None).count(),
            "portal": tenancy().tenant(row.portal_key).name,
            "link": absolute(reverse("people_review", args=[row.portal_key, row.practice_id])),
        }
        return render_mail("rbac/mail/review", account=account, tenant=row.portal_key, context=told)


class SweepWaitsMail(Message, title=_("A run over idle access waits")):
    """A run was stopped before it began, or lacks its second release (policy: mass acts). Goes to operators."""

    run: int
    state: str

    def render(self, *, account: Account) -> Rendered | None:
        run = SweepRun.objects.filter(pk=self.run, state=self.state).first()
        if run is None or not account.is_active:
            return None
        link = absolute(reverse("admin:rbac_sweeprun_change", args=[run.pk]))
        return render_mail("rbac/mail/sweep_waits", account=account, tenant="", context={"run": run, "link": link})


class DecidesMail(Message, title=_("Decides requests, or no longer")):
    """Somebody begins or ceases to decide the requests of a portal (C29)."""

    change: str

    def render(self, *, account: Account) -> Rendered | None:
        change = DecidersChange.objects.select_related("queue").filter(pk=self.change).first()
        if change is None or not account.is_active:
            return None
        told = {"begins": change.begins.filter(pk=account.pk).exists(), "link": absolute(reverse("admin:index"))}
        return render_mail("rbac/mail/decides", account=account, tenant=change.queue.portal_key, context=told)


class GridWaitsMail(Message, title=_("A version of the grid waits")):
    """A version of the grid waits for whoever publishes it. Goes to operators."""

    version: int
    state: str

    def render(self, *, account: Account) -> Rendered | None:
        version = GridVersion.objects.filter(pk=self.version, state=self.state).first()
        if version is None or not account.is_active:
            return None
        link = absolute(reverse("admin:rbac_gridversion_change", args=[version.pk]))
        told = {"version": version, "link": link}
        return render_mail("rbac/mail/grid_waits", account=account, tenant="", context=told)


class GridNoticeMail(_GrantMail, title=_("What you may do changes")):
    """Somebody loses something by a version of the grid: what, and on which day (S2-33)."""

    version: int

    def render(self, *, account: Account) -> Rendered | None:
        grant = AccessGrant.objects.active().filter(pk=self.grant).first()
        version = GridVersion.objects.filter(pk=self.version).first()
        lost = grid_changes.lost_by(grant, version, now=timezone.now()) if grant and version else []
        return self.mail("grid_notice", grant, account, version=version, lost=lost) if grant and lost else None
