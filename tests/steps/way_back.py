"""The mailed code that brings resting access back."""

HOME, REST, CODE, CHOOSER = (
    "/p/claims/home/",
    "/p/claims/way-back/",
    "/p/claims/way-back/code/",
    "/p/optum-connect/portals/",
)


def confirm(browser, inbox, email):
    """Press, and type the code of the mail."""
    assert browser.post(CODE, {"resend": "1"}).url == CODE
    code = [mail for mail in inbox.all() if mail.to == email and mail.subject == "Access Code Notification"][-1].code
    return browser.post(CODE, {"code": code}, follow=True)
