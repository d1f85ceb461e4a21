"""A kind of factor, and a way that a code is brought, are named in several places: a new one is missed in none."""

import inspect

from identity.codes.spending import CENTS
from identity.factors.second_factor import METHODS
from identity.models import PhoneDevice
from identity.notices.messages.alerts import factor_name
from identity.policy.recovery_routes import FACTORS
from identity.record import gateways
from identity.record.outbox import Channel
from identity.sign_in.authentication_records import STRONG
from portals.oidc.proof import AMR
from portals.spec import ANY_FACTOR

KINDS = {method.code for method in METHODS}


def test_every_list_of_kinds_has_each_kind():
    """C7, S1-51: one that sign-on, recovery, alerts or a portal's policy forgot would fail people at sign-in."""
    assert set(STRONG) == KINDS
    assert KINDS == FACTORS
    assert AMR.keys() - {"password", "mailbox"} == KINDS - {"phone"}  # a phone's word hangs on how it was used
    assert KINDS - {"recovery"} | {"mailbox"} == ANY_FACTOR  # recovery codes recover, and open no portal alone
    assert [
        kind for kind in KINDS if str(factor_name(kind)) == kind and kind not in ("passkey", "authenticator", "phone")
    ] == []


def test_every_way_of_a_code_has_its_price_and_its_channel_a_way_out():
    """policy, resend: no way is free of the daily limit, and none falls through to the mail."""
    assert set(CENTS) == set(PhoneDevice.Method)
    handled = inspect.getsource(gateways.deliver)
    assert [
        channel for channel in Channel if channel != Channel.MAIL and f'channel == "{channel.value}"' not in handled
    ] == []
    assert all(len(way) <= (PhoneDevice._meta.get_field("method").max_length or 0) for way in PhoneDevice.Method)
