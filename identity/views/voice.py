"""Where the digits that somebody keys into our automated call arrive (S1-49)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from identity.codes import codes
from identity.factors import factors, phones
from identity.models import PhoneDevice

SPOKEN = '<?xml version="1.0" encoding="UTF-8"?><Response><Say language="{language}">{text}</Say></Response>'


@csrf_exempt
@require_POST
def keypad(request: HttpRequest, token: str) -> HttpResponse:
    """Take `Digits` of a call, from the telephone company only; answer with what the call says next."""
    if not settings.DEMO:
        from identity.record.gateways import twilio

        if not twilio.is_genuine(request):
            return HttpResponseForbidden()
    challenge = codes.find(token, "phone", "second_factor")
    if challenge is None or challenge.channel != PhoneDevice.Method.CALL:
        return HttpResponse(status=404)
    with translation.override(challenge.account.language):
        try:
            phones.answer_call(challenge=challenge, typed=request.POST.get("Digits", ""), now=timezone.now())
        except (codes.CodeRefused, phones.NumberInUse, factors.FactorPaused):
            text = _("This is not the code on your screen. Ask for another call on the page.")
        else:
            text = _("Thank you. The code is right. Go back to the page and continue.")
        language = "es-MX" if challenge.account.language == "es" else "en-US"
    return HttpResponse(SPOKEN.format(language=language, text=text), content_type="text/xml")
