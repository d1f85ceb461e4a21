"""Claims Online Portal (COP) and its access form (S1-02, S1-25..32)."""

from django.utils.translation import gettext_lazy as _

from identity.policy.realms import OHID
from portals.approval_routes import OLD_ACCOUNT, PAPER_FORM
from portals.brands import ONE_HEALTHCARE_ID, SERVICE_DESK_FAX
from portals.form_spec import Effect, Field, FormSpec, Kind, PaperSpec, Section, SubjectFields
from portals.spec import ContactTopic, PortalSpec, Question, Theme, Tile

FOR_WHOM = _(
    "A new request may name somebody else: they are invited by mail when it is approved, and get access with a One "
    "Healthcare ID of their own. An update, or one more tax ID, is for your own account alone. To deactivate or "
    "reactivate somebody else's account, name that person here."
)

ACCESS_FORM = FormSpec(
    key="claims",
    title="CLAIMS ONLINE PORTAL ACCESS FORM",
    intro=_(
        "Please complete the Online Registration form and press Submit. The system will prompt you to print, sign and "
        "fax the Access Form to finalize the registration process."
    ),
    submit_label=_("Submit"),
    paper=PaperSpec(revision=1, print_template="accessforms/print/claims.html", fax_number=SERVICE_DESK_FAX),
    subject=SubjectFields(
        name="user_name", email="user_email", ids=("login_user_id",), is_applicant="user_is_applicant"
    ),
    effects=(
        ("request_type", "new", Effect.GIVE),
        ("request_type", "update", Effect.UPDATE),
        ("request_type", "add_tin", Effect.ADD_PRACTICES),
        ("request_type", "deactivate", Effect.END),
        ("request_type", "reactivate", Effect.REACTIVATE),
    ),
    attributes=("submit_claims", "login_user_id"),
    practice_name="practice_name",
    practice_tins=("tins",),
    sections=(
        Section(
            key="request",
            title=_("Your request"),
            fields=(
                Field(name="ohid", label=_("One Healthcare ID"), kind=Kind.OHID),
                Field(
                    name="request_type",
                    label=_("Request Type"),
                    kind=Kind.ONE_OF,
                    choices=(
                        ("new", _("New Request")),
                        ("update", _("Update Existing Account")),
                        ("add_tin", _("Add Tax ID")),
                        ("deactivate", _("Deactivate Account")),
                        ("reactivate", _("Reactivate Account")),
                    ),
                ),
                Field(name="contact_name", label=_("Contact Name"), autocomplete="name"),
                Field(name="contact_phone", label=_("Contact Phone"), kind=Kind.PHONE, autocomplete="tel"),
            ),
        ),
        Section(
            key="practice",
            title=_("Practice"),
            fields=(
                Field(name="practice_name", label=_("Practice / Group Name"), autocomplete="organization"),
                Field(
                    name="tins",
                    label=_("Billing Provider TINs"),
                    kind=Kind.TINS,
                    hint=_(
                        "Enter multiple TINs including dashes and separated by commas. "
                        "Example TIN 12-3456789 or 123-45-6789"
                    ),
                ),
                Field(name="address", label=_("Address"), autocomplete="address-line1"),
                Field(
                    name="suite",
                    label=_("Suite"),
                    required=False,
                    max_length=30,
                    autocomplete="address-line2",
                ),
                Field(name="city", label=_("City"), max_length=60, autocomplete="address-level2"),
                Field(name="state", label=_("State"), kind=Kind.STATE, autocomplete="address-level1"),
                Field(name="zip", label=_("Zip"), kind=Kind.ZIP, autocomplete="postal-code"),
                Field(name="telephone", label=_("Telephone Number"), kind=Kind.PHONE),
                Field(name="front_office_email", label=_("Front Office Email Address"), kind=Kind.EMAIL),
                Field(name="fax", label=_("Fax Number"), kind=Kind.FAX, required=False),
            ),
        ),
        Section(
            key="officer",
            title=_("Authorizing Officer"),
            intro=_(
                'The "Authorizing Officer" MUST be someone of a management position such as an Administrator, '
                "Supervisor, Manager, Director or the Doctor."
            ),
            fields=(
                Field(
                    name="officer_name", label=_("Authorizing Officer Name (First and Last Name)"), kind=Kind.FULL_NAME
                ),
                Field(name="officer_email", label=_("Email Address"), kind=Kind.EMAIL),
                Field(name="officer_title", label=_("Title"), max_length=80),
            ),
        ),
        Section(
            key="user",
            title=_("User"),
            intro=_('The "User" is the person who needs access to the Claims Portal.'),
            fields=(
                Field(
                    name="user_is_applicant",
                    label=_("I am the user"),
                    kind=Kind.SELF,
                    required=False,
                    hint=FOR_WHOM,
                ),
                Field(name="user_name", label=_("User Name (First and Last Name)"), kind=Kind.FULL_NAME),
                Field(name="user_email", label=_("Email Address"), kind=Kind.EMAIL),
                Field(name="submit_claims", label=_("Allow Submit Claims Online?"), kind=Kind.YES_NO),
                Field(name="user_title", label=_("Title"), max_length=80),
                Field(
                    name="login_user_id",
                    label=_("Login User ID"),
                    hint=_("The user name that this person has, or wishes to have, in the Claims Online Portal"),
                    max_length=64,
                ),
            ),
        ),
    ),
)

PORTAL = PortalSpec(
    key="claims",
    name=_("Claims Online Portal"),
    headline=_("CLAIMS ONLINE PORTAL"),
    summary=_("File Appeals • View EOBs"),
    purpose=_("Submit and view claims, track appeals, and reconcile Explanation of Benefits (EOB) statements."),
    realm=OHID.key,
    brand=ONE_HEALTHCARE_ID,
    part_of="optum-connect",
    theme=Theme(
        primary="#b04300",
        dark="#8f3700",
        darker="#6f2b00",
        darkest="#4d1e00",
        lightest="#fdf1ea",
        header="#6f2b00",
    ),
    logo="img/claims.svg",
    approval_routes=(PAPER_FORM, OLD_ACCOUNT),
    idle_account="idle_account",
    access_form=ACCESS_FORM,
    links=(
        (_("CLAIMS HOME"), "portal_home"),
        (_("HELP & FAQs"), "portal_help"),
        (_("CONTACT US"), "portal_contact"),
    ),
    tiles=(
        Tile(
            name=_("Submit and view claims"),
            description=_("Send claims online and follow what became of them."),
        ),
        Tile(
            name=_("Track appeals"),
            description=_("File an appeal and see where it stands."),
        ),
        Tile(
            name=_("Explanation of Benefits (EOB)"),
            description=_("View and reconcile EOB statements."),
        ),
        Tile(
            name=_("Claims Office Ally Submissions"),
            description=_("Claims and attachment submissions, status, and 835 retrieval"),
        ),
    ),
    questions=(
        Question(
            question=_("Who can be the Authorizing Officer?"),
            answer=_(
                "Someone of a management position: an Administrator, Supervisor, Manager, Director or the Doctor."
            ),
        ),
        Question(
            question=_("How do I enter several tax IDs?"),
            answer=_(
                "Separate them by commas, spaces or new lines. Both ways to write them are understood: 12-3456789 and "
                "123-45-6789."
            ),
        ),
        Question(
            question=_("I faxed my form. What happens now?"),
            answer=_(
                "The service desk matches the fax with your request by its reference number, checks it, and decides. "
                "You see each step on the page of your request, and you get an email."
            ),
        ),
    ),
    topics=(
        ContactTopic(key="sign in"),
        ContactTopic(key="merge"),
        ContactTopic(key="access"),
        ContactTopic(key="practice"),
        ContactTopic(key="trouble"),
        ContactTopic(key="other"),
    ),
)
