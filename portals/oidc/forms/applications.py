"""The form of an outside application: what an operator says of it. Checks shape and addresses; writes nothing."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.factors.forms.base import PageForm, text_input
from portals import registry
from portals.models.oidc import Algorithm
from portals.oidc import claims, registered_addresses
from portals.oidc.applications import Registration
from portals.oidc.registered_addresses import MAX_LENGTH, Problem

MOST_ADDRESSES = 20
PROBLEMS: dict[Problem, Any] = {
    Problem.LENGTH: gettext_lazy("is too long: at most 500 characters."),
    Problem.FRAGMENT: gettext_lazy("has a part behind #, which browsers do not send."),
    Problem.WILDCARD: gettext_lazy("has a *. Every address is registered in full."),
    Problem.CHARACTER: gettext_lazy("has a space or another character that an address does not have."),
    Problem.FORM: gettext_lazy("is not a complete address, such as https://bills.example.org/callback."),
    Problem.USER: gettext_lazy("has a user name before the host. Leave it out."),
    Problem.SCHEME: gettext_lazy("does not begin with https://."),
    Problem.PLAIN_HTTP: gettext_lazy("begins with http://, which only localhost may. Use https://."),
    Problem.DOTS: gettext_lazy("has . or .. as a part of its path: a browser would go elsewhere."),
    Problem.PORT: gettext_lazy("has a port of its own. Our servers call port 443 only."),
    Problem.NOT_PUBLIC: gettext_lazy(
        "is not on the public internet: our servers call no machine inside a network, nor themselves."
    ),
    Problem.OURS: gettext_lazy("is an address of this site itself."),
}
KINDS = (
    ("confidential", gettext_lazy("Runs on a server and keeps a secret")),
    ("public", gettext_lazy("Runs in a browser or on a phone and keeps no secret")),
)


class OneALine(forms.CharField):
    """Several addresses, one a line; twice the same counts once."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        lines = (line.strip() for line in (super().to_python(value) or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class ApplicationForm(PageForm):
    """A registration, field by field. On a change the key stays: tiles name the application by it."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("People read it when they are asked to agree."),
        widget=text_input(autocomplete="off"),
    )
    key = forms.SlugField(
        label=gettext_lazy("Key"),
        max_length=40,
        help_text=gettext_lazy("Letters, digits and dashes. A portal's tile names the application by it."),
        error_messages={
            "invalid": gettext_lazy(
                "Use letters from A to Z, digits, dashes and underscores only, such as bill-tracker."
            )
        },
        widget=text_input(autocomplete="off"),
    )
    portal_key = forms.ChoiceField(
        label=gettext_lazy("Portal"),
        help_text=gettext_lazy("Only people with access to this portal are signed on."),
    )
    capability = forms.ChoiceField(
        label=gettext_lazy("Right within the portal"),
        required=False,
        help_text=gettext_lazy("Then only people who were given this right are signed on."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=KINDS, initial="confidential", widget=forms.RadioSelect
    )
    redirect_uris = OneALine(
        label=gettext_lazy("Redirect addresses"),
        help_text=gettext_lazy(
            "Where people are sent back to, one address a line, exactly as the application sends it. https, or http "
            "on localhost."
        ),
    )
    after_logout_uris = OneALine(
        label=gettext_lazy("Addresses after signing out"),
        required=False,
        help_text=gettext_lazy("Where people may be sent after they have signed out, one address a line."),
    )
    logout_address = forms.CharField(
        label=gettext_lazy("Back-channel logout address"),
        required=False,
        help_text=gettext_lazy(
            "Is told when somebody's session here ends. Our servers call it: https, and on the public internet."
        ),
        widget=text_input(inputmode="url", autocomplete="off"),
    )
    launch_address = forms.CharField(
        label=gettext_lazy("Launch address"),
        required=False,
        help_text=gettext_lazy("The page of the application that begins a sign-on: a portal's tile leads there."),
        widget=text_input(inputmode="url", autocomplete="off"),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may learn"),
        required=False,
        initial=["profile", "email", "portal_access"],
        choices=[(scope, words) for scope, words in claims.SCOPES.items() if scope != "openid"],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Beside the number that stands for the person, which it always learns."),
    )
    refreshes = forms.BooleanField(
        label=gettext_lazy("May refresh its tokens while the person stays signed on"), required=False, initial=True
    )
    asks_consent = forms.BooleanField(
        label=gettext_lazy("People are asked once whether it may know them"), required=False, initial=True
    )
    algorithm = forms.ChoiceField(
        label=gettext_lazy("ID tokens are signed with"), choices=Algorithm.choices, initial="RS256"
    )

    def __init__(self, *args: Any, said: Registration | None = None, **kwargs: Any) -> None:
        initial = {**_initial(said), **kwargs.pop("initial", {})} if said else kwargs.pop("initial", None)
        super().__init__(*args, initial=initial, **kwargs)
        self.said = said
        self.fields["key"].disabled = said is not None
        _offer(self.fields["portal_key"], [("", _("Choose")), *((p.key, p.name) for p in registry.portals().values())])
        _offer(self.fields["capability"], [("", _("None: access is enough")), *_rights(said)])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        is_public = data.get("kind") == "public"
        for name in ("redirect_uris", "after_logout_uris"):
            self._check(name, data.get(name, []), partial(registered_addresses.problem_of, own_scheme=is_public))
        self._check("launch_address", [data.get("launch_address")], registered_addresses.problem_of)
        self._check("logout_address", [data.get("logout_address")], registered_addresses.problem_of_call)
        right, portal_key = data.get("capability"), data.get("portal_key")
        if right and portal_key and right not in _rights_of(portal_key):
            self.add_error("capability", _("The portal that you chose gives no such right."))
        return data

    def _check(self, name: str, addresses: list[str | None], problem_of: Callable[[str], Problem | None]) -> None:
        if len(addresses) > MOST_ADDRESSES:
            self.add_error(name, _("At most %(most)s addresses.") % {"most": MOST_ADDRESSES})
            return
        for address in filter(None, addresses):
            if problem := problem_of(address):
                shown = address if len(address) <= MAX_LENGTH else f"{address[:60]}…"
                self.add_error(name, f"{shown} {PROBLEMS[problem]}")

    def registration(self) -> Registration:
        """What was said, in order."""
        data = dict(self.cleaned_data)
        scopes = ["openid", *data.pop("scopes")]
        return Registration(is_public=data.pop("kind") == "public", scopes=scopes, **data)


def _initial(said: Registration) -> dict[str, Any]:
    kept = {name: getattr(said, name) for name in Registration.__slots__}
    return {**kept, "kind": "public" if said.is_public else "confidential"}


def _offer(field: forms.Field, choices: list[tuple[str, Any]]) -> None:
    field.choices = choices  # type: ignore[attr-defined]


def _rights_of(portal_key: str) -> set[str]:
    return {tile.capability for tile in registry.get(portal_key).tiles if tile.capability}


def _rights(said: Registration | None) -> list[tuple[str, str]]:
    """The rights that portals give, and the one that this application has asked for so far."""
    offered = {
        str(tile.capability): f"{portal.name}: {tile.name}"
        for portal in registry.portals().values()
        for tile in portal.tiles
        if tile.capability
    }
    if said and said.capability:
        offered.setdefault(said.capability, said.capability)
    return sorted(offered.items())
