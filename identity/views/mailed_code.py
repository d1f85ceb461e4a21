"""The code of the access-code mail on a page: asked for again, and typed. Sign-in and step-up both do this."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.codes import codes
from identity.factors.forms.codes import AccessCodeForm, refusal, wait_text
from identity.models import Account
from identity.notices import access_codes
from identity.sign_in import code_delivery


def send(request: HttpRequest, account: Account) -> None:
    """Send one and say so, or say how long to wait."""
    try:
        code_delivery.access_code(request, account)
    except code_delivery.Refused as refused:
        messages.warning(request, _("No further message was sent yet.") + " " + wait_text(refused.wait))
    else:
        messages.info(request, _("We sent a message. Only its code works now."))


def is_right(account: Account, form: AccessCodeForm) -> bool:
    """Use the typed code up; what is wrong with it stands at the field."""
    try:
        access_codes.accept(account=account, typed=form.cleaned_data["code"], now=timezone.now())
    except codes.CodeRefused as error:
        form.add_error("code", refusal(error))
        return False
    return True
