"""The brands under which the ID is shown (C15): names, support lines, senders."""

from django.utils.translation import gettext_lazy as _

from identity.sign_in_policy import Brand

ONE_HEALTHCARE_ID = Brand(
    name="One Healthcare ID",
    support_phone="1-855-819-5909",
    support_email="optumsupport@optum.com",
    sender="noreply_healthid@optum.com",
    waiting=_("Allow up to 1-2 minutes for the email to arrive."),
)
SERVICE_DESK_FAX = "(310) 808-9217"
