"""What pages and mails of a portal that changes over need: the day, while it lies ahead; support as links."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from identity.templatetags.page import tel
from identity.tenancy import Brand
from portals.legacy import phases
from portals.spec import PortalSpec

register = template.Library()


@register.simple_tag
def goes_live(portal: PortalSpec) -> datetime | None:
    """When the ID takes over (S0-07). A mail asks when it is rendered: the day may have come meanwhile."""
    return phases.goes_live(portal, now=timezone.now())


@register.filter
def with_contacts(text: str, brand: Brand) -> SafeString:
    """A text in which the brand's telephone number and address of support are links; all else stays escaped."""
    html = str(conditional_escape(text))
    links = {
        brand.support_phone: format_html(
            '<a class="nowrap" href="{}">{}</a>', tel(brand.support_phone), brand.support_phone
        ),
        brand.support_email: format_html('<a href="mailto:{0}">{0}</a>', brand.support_email),
    }
    for plain, link in links.items():
        if plain:
            html = html.replace(plain, link)
    return mark_safe(html)  # noqa: S308 - escaped above; the links are of the definition
