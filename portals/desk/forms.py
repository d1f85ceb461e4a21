"""The form that gives access to a portal without an access form (C12)."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.models import Account
from portals import registry
from rbac.models import AccessGrant

MAX_LENGTH = 60  # characters of a reason


class GrantForm(forms.ModelForm):
    """Giving access to a portal that has no form (C12)."""

    login_name = forms.CharField(label=gettext_lazy("One Healthcare ID"), max_length=64)
    portal = forms.ChoiceField(label=gettext_lazy("Portal"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=MAX_LENGTH)
    by: Account | None = None
    seen: Collection[str] = ()  # the portals that `by` answers for

    class Meta:
        model = AccessGrant
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Of other portals not even whether an ID is somebody's (D-28).
        choices = [(portal.key, portal.name) for portal in registry.opened_by_hand() if portal.key in self.seen]
        self.fields["portal"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The ID is looked for in the realm of the portal."""
        data = super().clean() or self.cleaned_data
        if data.get("portal") and data.get("login_name"):
            realm = registry.get(data["portal"]).realm
            account = Account.objects.named(realm, data["login_name"]).filter(is_active=True).first()
            if account is None:
                self.add_error("login_name", _("Nobody has this ID there."))
            elif account == self.by:
                self.add_error("login_name", _("A colleague gives you access."))
            else:
                data["login_name"] = account
        return data
