"""The brands under which the ID is shown (C15): names, support lines, senders."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from identity.policy.realms import OHID_SYMBOLS
from identity.tenancy import Brand

ONE_HEALTHCARE_ID = Brand(
    key="one-healthcare-id",
    name="One Healthcare ID",
    support_phone="1-855-819-5909",
    support_email="optumsupport@optum.com",
    sender="noreply_healthid@optum.com",
    waiting=_("Allow up to 1-2 minutes for the email to arrive."),
    sign_in_page="identity/sign_in/identify.html",
    identifier_label=_("One Healthcare ID or Email Address"),
    login_name_label=_("One Healthcare ID"),
    create_heading=_("Create One Healthcare ID"),
    verify_heading=_("Verify Your Email Address"),
    create_intro=_(
        "One Healthcare ID securely manages your account so that you can use one ID and password to sign in to all "
        "integrated applications."
    ),
    create_already=_("Already have One Healthcare ID?"),
    create_label=_("Create One Healthcare ID Username"),
    setting_up=_("One Healthcare ID"),
    rule_texts=(  # S1-42; the symbols are those of S0-15, for both are one ID
        ("length", _("Between 6 and 50 characters")),
        ("symbols", format_lazy(_("None of these Symbols: {symbols}"), symbols=OHID_SYMBOLS)),
    ),
    email_note=_(
        "Ensure you use a unique email address (shared email addresses will prevent registration approval in Optum "
        "Pro)."
    ),
    failed=_(
        "The One Healthcare ID or the password is not correct. Check both and try again. If more than one "
        "ID uses your email address, sign in with your One Healthcare ID."
    ),
)
# TruCase's (C21): the labels of the documents, over the same ID.
OPTUM_ID = Brand(
    key="optum-id",
    name="Optum ID",
    support_phone="1-855-819-5909",
    support_email="optumsupport@optum.com",
    sender="noreply_healthid@optum.com",
    waiting=_("If you do not receive a verification email after five minutes, click the 'Resend Email' link."),
    sign_in_page="identity/sign_in/optum_id.html",
    identifier_label=_("Optum ID or email address"),
    login_name_label=_("Optum ID"),
    create_heading=_("Create an Optum ID"),
    verify_heading=_("Next Step: Verify Your Email Address"),
    create_intro=_(
        "An Optum ID securely manages your account so that you can use one Optum ID and password to sign in to all "
        "integrated applications."
    ),
    create_already=_("Already have an Optum ID?"),
    create_label=_("Create Optum ID"),
    setting_up=_("an Optum ID"),
    code_page=_("Activate Your Optum ID"),
    labels=(
        ("first_name", _("First name")),
        ("last_name", _("Last name")),
        ("year_of_birth", _("Year of birth")),
        ("email", _("Your email address")),
        ("country", _("Country code")),
        ("phone", _("Phone number")),
    ),
    agrees_by_box=False,
    failed=_(
        "The Optum ID or the password is not correct. Check both and try again. If more than one ID uses your email "
        "address, sign in with your Optum ID."
    ),
    goes_on_after_verifying=False,
)
# Provider OnLine's: a realm of its own, with user names, and pages of its own (S4-29..37).
CHORUS = Brand(
    key="provider-online",
    name="Provider OnLine",
    support_phone="1-844-202-0117",
    support_email="",  # the documents name a telephone number only
    sender="noreply@togetherforyourhealth.com",
    waiting=_("It may take a few minutes for the email to show up in your inbox."),
    sign_in_page="portals/provider_online/sign_in.html",
    identifier_label=_("Username"),
    login_name_label=_("Username"),
    create_heading=_("Create your username and password"),
    verify_heading=_("Verify Your Email Address"),
    create_intro=_("Choose a username and password. You will use these to login to your Provider OnLine account."),
    create_already=_("Already registered?"),
    create_label=_("Username"),
    setting_up=_("a Provider OnLine account"),
    login_name_inline=_("username"),
    labels=(("password", _("Password")), ("password_again", _("Confirm Password"))),
    failed=_("The username or the password is not correct. Check both and try again."),
    pages="provider_online",
    signature="Chorus Community Health Plans",
    account_name=_("Provider OnLine account"),
    password_on_first_page=True,
    goes_on_after_verifying=False,
)

SERVICE_DESK_FAX = "(310) 808-9217"
