"""What an operator does in the admin site: reads the standards page, closes an account and reopens it, imports old accounts."""

from django.utils import timezone

from identity.models import Account
from portals import tasks
from portals.legacy import legacy_imports
from portals.models import LegacyAccount
from tests.conftest import make_staff
from tests.factories import AccountFactory
from tests.journeys.conftest import BOTH
from tests.steps.browser import sign_in
from tests.steps.legacy_imports import SOURCE, content, line


def test_an_operator_reads_the_deviations_and_closes_an_account(visit, inbox):
    """D-19: the page for operators; closing says why, and the owner is told."""
    owner = AccountFactory(login_name="ana.nunez")
    make_staff("the.operator", "operator")
    operator = visit(views=BOTH)
    operator.go("/admin/")
    sign_in(operator, inbox, Account.objects.get(login_name="the.operator"), "+13105550121")
    operator.arrive("/admin/")
    operator.look()
    operator.follow("Standards and deviations")
    operator.look("Standards and deviations")
    operator.go(f"/admin/identity/account/{owner.pk}/change/")
    operator.follow("Close account")
    operator.look("Close account")
    operator.press("Close account")
    operator.told("Enter a reason")
    operator.look("Close account")
    operator.page.fill("#reason", "left the practice")
    operator.press("Close account")
    operator.told("The account is closed.")
    assert inbox.newest("mail", owner.email).subject == "Your One Healthcare ID was closed"
    operator.follow("Reopen account")
    operator.look("Reopen account")
    operator.page.fill("#reason", "is back")
    operator.press("Reopen account")
    operator.told("The account is open again.")
    owner.refresh_from_db()
    assert owner.is_active


def test_an_operator_imports_a_list_and_rehearses_the_day(visit, inbox, tmp_path, monkeypatch):
    """Issue 5: a dry run that tells every row, the import, the cut-over as a plot, who would be stuck on the day. While the list is worked at, the page shows by itself how far it is."""
    monkeypatch.setattr(legacy_imports, "nudge", lambda: None)  # the worker is busy
    make_staff("the.operator", "operator")
    operator = visit(views=BOTH)
    operator.go("/admin/")
    sign_in(operator, inbox, Account.objects.get(login_name="the.operator"), "+13105550121")
    operator.arrive("/admin/")
    operator.follow("Old accounts")
    operator.look("Old accounts")
    operator.follow("Check a new list")
    operator.look("Check a new list")
    (tmp_path / "list.csv").write_bytes(b"name;hash")
    operator.page.select_option("#id_source", SOURCE)
    operator.page.set_input_files("#id_file", tmp_path / "list.csv")
    operator.press("Check this list")
    operator.told("list.csv: The first line must name these columns")
    operator.look("Check a new list")
    assert operator.page.locator("#id_source").input_value() == SOURCE
    (tmp_path / "list.csv").write_bytes(content(line("ana.old"), line("bob.old", "", email=""), line("eve.old", "x")))
    operator.page.select_option("#id_source", SOURCE)
    operator.page.set_input_files("#id_file", tmp_path / "list.csv")
    operator.press("Check this list")
    operator.told("being checked")
    operator.look()
    tasks.go_on_with_imports()
    operator.told("The password hash is damaged, or of a kind that is not known.")
    operator.told("You uploaded this list: a colleague has to store it.")
    operator.look()
    page = operator.page.url
    make_staff("second.operator", "operator")
    operator = visit(views=BOTH)
    operator.go("/admin/")
    sign_in(operator, inbox, Account.objects.get(login_name="second.operator"), "+13105550121")
    operator.arrive("/admin/")
    operator.page.goto(page)
    operator.look()
    operator.press("Store this list")
    operator.told("What this does")
    operator.look()
    operator.press("Store this list")
    operator.told("The list is being stored.")
    tasks.go_on_with_imports()
    operator.told("Import of old accounts done")
    operator.look()
    LegacyAccount.objects.filter(login_name="ana.old").update(
        account=AccountFactory(), linked_at=timezone.now(), linked_by="pre-registration"
    )
    operator.go("/admin/")
    operator.follow("Cut-over of Provider OnLine")
    operator.look("Cut-over of Provider OnLine")
    operator.page.fill("#id_day", "2030-01-31")
    operator.press("Rehearse this day")
    operator.told("No password that works and no address: nothing proves who they are: 1")
    operator.look("Cut-over of Provider OnLine")
