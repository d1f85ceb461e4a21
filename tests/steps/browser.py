"""What people do in a real browser: arrive, sign in, sign up."""

from django.conf import settings

from identity.models import Account
from tests.factories import PASSWORD
from tests.steps.sign_in import signed_in

WORDS = {
    "en": {
        "sign_me_up": "Sign Me Up", "validate": "Validate with One Healthcare ID", "create": "Create One Healthcare ID",
        "continue": "Continue", "verify": "Verify", "verify_email": "Verify Your Email Address",
        "verified": "Email Address Verified", "verify_phone": "Verify Phone Number", "text": "Text message",
        "phone_verified": "Phone Number Verified", "faster": "Switch to faster and more secure sign-in methods",
        "which": "WHICH PORTAL DO YOU WANT TO REGISTER FOR?", "welcome": "Welcome to One Healthcare ID", "call": "Call me, I key the code in",
        "entered": "I have entered it", "update": "Update Phone Number", "skip": "Skip", "activate": "Activate Your One Healthcare ID",
        "questions": "Create security questions",
    },
    "es": {},
}  # fmt: skip


def words(language: str):
    """The labels of a story in a language, from the catalogue."""
    from django.utils import translation

    with translation.override(language):
        from django.utils.translation import gettext as _

        brand = {"brand": "One Healthcare ID"}
        special = {
            "welcome": _("Welcome to %(brand)s") % brand,
            "activate": _("Activate Your %(brand)s") % brand,
        }
        return {key: special.get(key) or _(text) for key, text in WORDS["en"].items()}


def spoken(language: str, text: str, *, context: str = "", **values: str) -> str:
    """A label or heading as a page in this language shows it; `context` tells apart what English says alike."""
    from django.utils import translation

    with translation.override(language):
        found = translation.pgettext(context, text) if context else translation.gettext(text)
    return found % values if values else found


def sign_up_form(visitor, login_name: str) -> None:
    visitor.fill(
        first_name="Ana María", last_name="Núñez O'Hara", year_of_birth="1984", email=f"{login_name}@example.org",
        phone="(310) 555-0199", login_name=login_name, password="Str0ng-Password-x1", password_again="Str0ng-Password-x1",
    )  # fmt: skip
    if visitor.page.locator("#id_agree").count():  # Optum ID agrees by its button (C36)
        visitor.page.check("#id_agree")


def answer_questions(visitor, say) -> None:
    """S2-04: the page after the form."""
    visitor.look(say["questions"])
    for number, question in enumerate(("first_pet", "first_street", "dream_job"), start=1):
        visitor.page.select_option(f"#id_question_{number}", question)
        visitor.fill(**{f"answer_{number}": f"Answer {number}"})
    visitor.press(say["continue"])


def register_by_link(visitor, say, inbox, to: str, *, login_name: str, number: str) -> None:
    """S4-07..13, S4-38: from the newest mail to this address: name and password, the mailbox, the phone."""
    visitor.go(inbox.newest("mail", to).link)
    visitor.look(say("You are invited to %(name)s", name="Provider OnLine"))
    visitor.follow(say("I am new here"))
    visitor.look(say("Create your username and password"))
    visitor.fill(login_name=login_name, password=PASSWORD, password_again=PASSWORD)
    visitor.press(say("Submit"))
    visitor.look(say("Verify Your Email Address"))
    visitor.fill(code=inbox.newest("mail", to).code)
    visitor.press(say("Verify Code"))
    visitor.look(say("Two-step authentication"))
    visitor.fill(phone=number)
    visitor.press(say("Send Code"))
    visitor.page.locator("#id_code").wait_for()
    visitor.look(say("Two-step authentication"))
    visitor.fill(code=inbox.newest("text", f"+1{number}").code)
    visitor.press(say("Verify Code"))
    visitor.look(say("You are registered"))


def log_in_first(visitor, say, inbox, *, login_name: str, number: str, name: str) -> None:
    """S4-14, S4-15: the log-in page after a registration, two-step once more, the terms; then the portal's home."""
    visitor.press(say("Log In"))
    visitor.look(say("Log in to your account"))
    visitor.fill(login=login_name, password=PASSWORD)
    visitor.press(say("Log In"))
    visitor.look(say("Two-step authentication"))
    visitor.fill(otp_token=inbox.newest("text", f"+1{number}").code)
    visitor.press_main()
    visitor.look(say("Provider OnLine Terms and Conditions"))
    visitor.fill(typed_name=name)
    visitor.press(say("Sign and continue"))
    visitor.arrive("/p/provider-online/home/")
    visitor.look("Provider OnLine")


def sign_in(visitor, inbox, account: Account, number: str = "", language: str = "en", password: str = PASSWORD) -> None:
    visitor.fill(login=account.login_name)
    visitor.press(spoken(language, "Continue"))
    visitor.look(spoken(language, "Enter your password"))
    visitor.fill(password=password)
    visitor.press(spoken(language, "Sign In"))
    if number:
        visitor.look(spoken(language, "Confirm that it is you"))
        visitor.fill(otp_token=inbox.newest("text", number).code)
        visitor.press(spoken(language, "Verify"))
    else:
        visitor.look(spoken(language, "Access Code Sign In"))
        visitor.fill(code=inbox.newest("mail", account.email).code)
        visitor.press(spoken(language, "Next"))


def arrive(visitor, account: Account, *, verified: bool = True) -> None:
    """Come in with a session that showed its second factor: the sign-in itself has journeys of its own."""
    session = signed_in(account, verified=verified).cookies[settings.SESSION_COOKIE_NAME].value
    visitor.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": visitor.base}])
