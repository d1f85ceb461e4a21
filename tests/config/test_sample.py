"""The demo registers its sample application at each start (config/demo/sample.py)."""

import dataclasses
import json

import pytest
from django.utils import timezone

from config.demo import sample
from portals import registry
from portals.models import Application
from portals.oidc import applications, machine_secrets

pytestmark = pytest.mark.django_db


def test_it_belongs_to_trucase_and_needs_the_bill_tracker_link(tmp_path):
    """S0-01, S0-02: reached only through TruCase, only with the right; the secret lies in a file of the owner's alone."""
    sample.register(port=9001, secret_file=tmp_path / "secret")
    application = Application.objects.get()
    assert (application.key, application.portal_key, application.capability) == (
        "bill-tracker",
        "trucase",
        "bill_tracker",
    )
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert machine_secrets.matches((tmp_path / "secret").read_text(), application.client.secret)


def test_another_port_changes_its_addresses_and_nothing_that_an_operator_chose(tmp_path):
    sample.register(port=9001, secret_file=tmp_path / "secret")
    secret, application = (tmp_path / "secret").read_text(), Application.objects.get()
    chosen = dataclasses.replace(applications.said_of(application), algorithm="ES256", name="Bills")
    applications.change(application, chosen, by=None, now=timezone.now())
    sample.register(port=9002, secret_file=tmp_path / "secret")
    said = applications.said_of(Application.objects.get())
    assert (said.algorithm, said.name) == ("ES256", "Bills")
    assert said.redirect_uris == ["http://localhost:9002/callback"]
    assert said.logout_address == "http://localhost:9002/back-channel-logout"
    assert (tmp_path / "secret").read_text() == secret


def test_a_secret_that_was_lost_is_replaced(tmp_path):
    sample.register(port=9001, secret_file=tmp_path / "secret")
    (tmp_path / "secret").unlink()
    sample.register(port=9001, secret_file=tmp_path / "secret")
    secret = (tmp_path / "secret").read_text()
    assert machine_secrets.matches(secret, Application.objects.get().client.secret)


def test_it_plays_each_application_of_the_grid_and_keeps_their_secrets(tmp_path):
    """S3-04, issue 14: every tile of Optum Pro that leads by sign-on has an address to lead to."""
    file = tmp_path / "played"
    sample.register_grid(port=9001, played_file=file)
    tiles = {one.application: one.capability for one in registry.get(sample.GRID_PORTAL).tiles if one.application}
    kept = dict(Application.objects.filter(portal_key=sample.GRID_PORTAL).values_list("key", "capability"))
    assert (kept, len(kept)) == (tiles, 9)
    assert file.stat().st_mode & 0o777 == 0o600
    secrets = file.read_text()
    sample.register_grid(port=9002, played_file=file)
    assert file.read_text() == secrets
    for key, (secret, words) in json.loads(secrets).items():
        application = Application.objects.select_related("client").get(key=key)
        assert application.launch_address == f"http://localhost:9002/{key}/login"
        assert machine_secrets.matches(secret, application.client.secret)
        assert words["portal"] == "Optum Pro"
