"""Physician Information Portal (PIP) and its access form (S1-03, S1-18..24, S1-33)."""

from django.utils.translation import gettext_lazy as _

from identity.policy.realms import OHID
from portals.approval_routes import OLD_ACCOUNT, PAPER_FORM
from portals.brands import ONE_HEALTHCARE_ID, SERVICE_DESK_FAX
from portals.form_spec import Effect, Field, FormSpec, Kind, PaperSpec, Rows, Section, SubjectFields
from portals.spec import ContactTopic, PortalSpec, Question, Theme, Tile

ACCESS_FORM = FormSpec(
    key="physician",
    title="PHYSICIAN INFORMATION PORTAL ACCESS FORM",
    note=_("NOTE: THIS FORM IS NOT TO BE USED TO GAIN ACCESS TO SUBMITTING ELECTRONIC REFERRALS"),
    intro=_(
        'Please do not print from browser: Upon completion, Click the "Print Portal Access Form" button and Print '
        "the PDF."
    ),
    submit_label=_("Print Portal Access Form"),
    paper=PaperSpec(
        revision=1,
        print_template="accessforms/print/physician.html",
        fax_number=SERVICE_DESK_FAX,
        opens_print=True,
        legal=(
            "Clinicians or designees understand that the use of Health Insurance Portability and Accountability Act "
            "(HIPAA) standards is intended to provide enhanced protections for individually identifiable health "
            "information. Clinicians or designees also understand they will be expected to comply with these standards "
            "and to use, protect, and disclose information (PHI) only in accordance with the scope of their duties. "
            "Unauthorized release or use of PHI will result in performance improvement action, up to and including "
            "termination of contract."
        ),
    ),
    subject=SubjectFields(rows="staff", name="name", email="email", ids=("username",), is_applicant="is_applicant"),
    effects=(
        ("request_type", "new_access", Effect.GIVE),
        ("request_type", "add", Effect.GIVE),
        ("request_type", "remove_access", Effect.END),
        ("request_type", "update", Effect.UPDATE),
        ("request_type", "report_access", Effect.UPDATE),
        ("request_type", "update_phone", Effect.UPDATE),
        ("request_type", "update_address", Effect.UPDATE),
        ("request_type", "update_email", Effect.UPDATE),
    ),
    attributes=("regions", "request_type"),
    practice_name="practice_name",
    sections=(
        Section(
            key="physician",
            title=_("Physician and practice"),
            fields=(
                Field(name="ohid", label=_("One HealthCare ID"), kind=Kind.OHID),
                Field(name="physician_name", label=_("Physician Name"), autocomplete="name"),
                Field(name="practice_name", label=_("Practice / Group name"), autocomplete="organization"),
                Field(name="address", label=_("Address"), autocomplete="street-address"),
                Field(name="city", label=_("City"), max_length=60, autocomplete="address-level2"),
                Field(name="zip", label=_("Zip"), kind=Kind.ZIP, autocomplete="postal-code"),
                Field(
                    name="telephone",
                    label=_("Physician Telephone Number"),
                    kind=Kind.PHONE,
                    autocomplete="tel",
                ),
                Field(name="fax", label=_("Fax Number"), kind=Kind.FAX, required=False),
            ),
        ),
        Section(
            key="request",
            title=_("Region and request"),
            fields=(
                Field(
                    name="regions",
                    label=_("Indicate Region/Area"),
                    kind=Kind.ANY_OF,
                    ask=_("Choose at least one region or area."),
                    choices=(
                        ("r1", "R1: Pasadena SGV/PA"),
                        ("r2", "R2: Los Angeles"),
                        ("r3", "R3: South Bay"),
                        ("r4", "R4: Long Beach"),
                        ("r5", "R5: SFV/Santa Clarita"),
                        ("r6", "R6: Talbert ARTA"),
                        ("r7", "R7: Riverside"),
                        ("san_jose", "San Jose"),
                        ("magan", "Magan"),
                        ("applecare", "Optum Care Network-AppleCare"),
                    ),
                ),
                Field(
                    name="request_type",
                    label=_("Select Request Type: (select all that apply)"),
                    kind=Kind.ANY_OF,
                    ask=_("Choose at least one request type."),
                    lines=(3, 6),
                    lead_in=_("Update:"),
                    choices=(
                        ("staff", _("Staff")),
                        ("pcp", _("PCP")),
                        ("specialist", _("Specialist")),
                        ("new_access", _("New Access")),
                        ("update", _("Update")),
                        ("report_access", _("Report Access")),
                        ("add", _("Add")),
                        ("remove_access", _("Remove Access")),
                        ("update_phone", _("Update: Phone")),
                        ("update_address", _("Update: Address")),
                        ("update_email", _("Update: Email")),
                    ),
                ),
            ),
        ),
        Section(
            key="staff",
            title=_("Physician and staff"),
            intro=_(
                "One row for each person; the others stay empty. Each person signs the printed form. For new access "
                "you may name others: they are invited by mail when it is approved, and get access with a One "
                "HealthCare ID of their own. An update is for your own account alone. To remove somebody's access, "
                "name that person here."
            ),
            rows=Rows(
                name="staff",
                title=_("Physician / Staff"),
                row_title=_("Person"),
                start=4,
                most=8,
                columns=(
                    Field(name="is_applicant", label=_("I am this person"), kind=Kind.SELF, required=False),
                    Field(name="name", label=_("Physician / Staff Name")),
                    Field(name="email", label=_("Email Address"), kind=Kind.EMAIL),
                    Field(name="npi", label=_("Physician NPI"), kind=Kind.NPI, required=False),
                    Field(
                        name="username",
                        label=_("Existing Username Optum-Connect"),
                        required=False,
                        max_length=64,
                    ),
                    Field(name="cap_report", label=_("Cap Report"), kind=Kind.YES_NO, default="no"),
                    Field(name="add_terms", label=_("Add/Terms (AC only)"), kind=Kind.YES_NO, default="no"),
                ),
            ),
        ),
    ),
)

PORTAL = PortalSpec(
    key="physician",
    name=_("Physician Information Portal"),
    headline=_("PHYSICIAN INFO PORTAL"),
    summary=_("Find Patient Data"),
    short_name=_("Physician Info Portal"),
    purpose=_("Secure access to patient information: referral history, diagnosis, and filled prescription histories."),
    realm=OHID.key,
    brand=ONE_HEALTHCARE_ID,
    part_of="optum-connect",
    theme=Theme(
        primary="#00695c",
        dark="#00574c",
        darker="#00433b",
        darkest="#002e28",
        lightest="#e6f4f1",
        header="#00433b",
    ),
    logo="img/physician.svg",
    approval_routes=(PAPER_FORM, OLD_ACCOUNT),
    idle_account="idle_account",
    access_form=ACCESS_FORM,
    links=(
        (_("PORTAL HOME"), "portal_home"),
        (_("HELP & FAQs"), "portal_help"),
        (_("CONTACT US"), "portal_contact"),
    ),
    tiles=(
        Tile(
            name=_("Referral history"),
            description=_("Referrals of your patients and their outcome."),
        ),
        Tile(name=_("Diagnosis"), description=_("Diagnoses on record.")),
        Tile(
            name=_("Filled prescriptions"),
            description=_("Prescription histories as pharmacies filled them."),
        ),
    ),
    questions=(
        Question(
            question=_("Can I use this form to submit electronic referrals?"),
            answer=_(
                "No. It opens the Physician Information Portal only. Access to the Optum Referrals Portal is given by "
                "the service desk."
            ),
        ),
        Question(
            question=_("More than four people of our office need access. What do we do?"),
            answer=_("Add rows to the table: up to eight people fit on one form, they print on a second page."),
        ),
        Question(
            question=_('What does "AC only" mean?'),
            answer=_('It concerns the region "Optum Care Network-AppleCare" only. Elsewhere leave it at No.'),
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
