"""How a message of identity is made: absolute links, mails from three templates, and what may still be delivered."""

from email.utils import formataddr
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from identity.codes import codes
from identity.models import Account, Challenge
from identity.policy import zones
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Recipient
from identity.tenancy import Tenant, tenancy


def absolute(path: str) -> str:
    """A path of this site as a link for a message: always PUBLIC_URL, never a request's Host header."""
    return settings.PUBLIC_URL + path


def render_mail(template: str, *, account: Account, tenant: str, context: dict[str, Any], to: str = "") -> Rendered:
    """Make a mail from `<template>/subject.txt`, `text.txt` and `page.html`; to the primary address, or another."""
    shown = tenancy().tenant(tenant) if tenant else tenancy().tenant_of_realm(account.realm)
    return _mail(template, tenant=shown, context={"account": account, **context}, to=to or account.email)


def render_mail_to(template: str, *, recipient: Recipient, context: dict[str, Any]) -> Rendered:
    """The same for whoever reads the address of a row, in the name of the row's tenant."""
    shown = tenancy().tenant(recipient.tenant)
    return _mail(template, tenant=shown, context=context, to=recipient.address)


def _mail(template: str, *, tenant: Tenant, context: dict[str, Any], to: str) -> Rendered:
    told = {"tenant": tenant, "public_url": settings.PUBLIC_URL, **context}
    with timezone.override(zones.of_realm(tenant.realm)):
        return Rendered(
            to=to,
            subject=" ".join(render_to_string(f"{template}/subject.txt", told).split()),
            text=render_to_string(f"{template}/text.txt", told).strip() + "\n",
            html=render_to_string(f"{template}/page.html", told),
            link=context.get("link", ""),
            sender=formataddr((tenant.brand.name, tenant.brand.sends_from)),
        )


def tenant_of(account: Account) -> Tenant:
    """Where texts and calls come from: its brand's name begins them."""
    return tenancy().tenant_of_realm(account.realm)


def deliverable(pk: str, target: str) -> Challenge | None:
    """The challenge, while it is alive and still meant for this address or number: never to one given later."""
    challenge = Challenge.objects.select_related("account").get(pk=pk)
    current = codes.is_alive(challenge, now=timezone.now()) and codes.is_for(challenge, target)
    return challenge if current else None


def address_of(pk: int) -> str:
    """An address that is still one of an account's, or an empty text."""
    return EmailAddress.objects.filter(pk=pk, verified=True).values_list("email", flat=True).first() or ""
