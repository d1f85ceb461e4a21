"""Which addresses an application may register (S0-04, bad input: redirect variants)."""

import pytest

from portals.oidc.registered_addresses import Problem, problem_of

GOOD = [
    "https://bills.example.org/callback",
    "https://bills.example.org",
    "https://bills.example.org:8443/callback?from=id",
    "https://BILLS.example.org/callback",
    "https://192.0.2.7/callback",
    "https://[2001:db8::7]:8443/callback",
    "https://xn--mller-kva.example/callback",
    "http://localhost:8001/callback",
    "http://127.0.0.1/callback",
    "http://[::1]:9000/callback",
]
OWN_SCHEMES = ["com.example.bills:/callback", "com.example.bills://callback", "org.example.bills-app:callback"]
BAD = [
    ("", Problem.CHARACTER),
    ("bills.example.org/callback", Problem.SCHEME),
    ("//bills.example.org/callback", Problem.SCHEME),
    ("/callback", Problem.SCHEME),
    ("https:", Problem.FORM),
    ("https:///callback", Problem.FORM),
    ("https:/bills.example.org/callback", Problem.FORM),
    ("https://bills.example.org/callback#", Problem.FRAGMENT),
    ("https://bills.example.org/callback#part", Problem.FRAGMENT),
    ("https://*.example.org/callback", Problem.WILDCARD),
    ("https://bills.example.org/*", Problem.WILDCARD),
    ("https://bills.example.org@evil.example/callback", Problem.USER),
    ("https://user:secret@bills.example.org/callback", Problem.USER),
    ("http://bills.example.org/callback", Problem.PLAIN_HTTP),
    ("http://localhost.evil.example/callback", Problem.PLAIN_HTTP),
    ("http://127.0.0.1.evil.example/", Problem.PLAIN_HTTP),
    ("http://0.0.0.0/callback", Problem.PLAIN_HTTP),
    ("https://bills.example.org/a/../callback", Problem.DOTS),
    ("https://bills.example.org/%2E%2e/callback", Problem.DOTS),
    ("https://bills.example.org/./callback", Problem.DOTS),
    ("https://bills.example.org\\@evil.example/", Problem.CHARACTER),
    ("https://bills.example.org/call back", Problem.CHARACTER),
    ("https://bills.example.org/\ncallback", Problem.CHARACTER),
    ("https://bills.example.org/\u202ecallback", Problem.CHARACTER),
    ("https://müller.example/callback", Problem.CHARACTER),
    ('https://bills.example.org/"onload', Problem.CHARACTER),
    ("https://bills.example.org/\0", Problem.CHARACTER),
    ("https://bills.example.org;script-src", Problem.FORM),
    ("https://bills.example.org,evil.example/", Problem.FORM),
    ("https://bills%2eexample.org/callback", Problem.FORM),
    ("https://bills..example.org/callback", Problem.FORM),
    ("https://bills.example.org.:443/callback", Problem.FORM),
    ("https://-bills.example.org/callback", Problem.FORM),
    ("https://bills.example.org:port/callback", Problem.FORM),
    ("https://bills.example.org:99999/callback", Problem.FORM),
    ("https://bills.example.org:/callback", Problem.FORM),
    ("https://[2001:db8::7/callback", Problem.FORM),
    ("https://[::1]evil.example/callback", Problem.FORM),
    ("javascript:alert(1)", Problem.SCHEME),
    ("data:text/html,x", Problem.SCHEME),
    ("file:///etc/passwd", Problem.SCHEME),
    ("blob:https://bills.example.org/1", Problem.SCHEME),
    ("vbscript:x", Problem.SCHEME),
    ("about:blank", Problem.SCHEME),
    ("ftp://bills.example.org/", Problem.SCHEME),
    ("bills:/callback", Problem.SCHEME),
    ("HTTPS://bills.example.org/callback", Problem.SCHEME),
    ("https://" + "a" * 500, Problem.LENGTH),
    ("http://testserver/sign-on/tried/", Problem.PLAIN_HTTP),
]


@pytest.mark.parametrize("address", GOOD)
def test_an_address_that_only_the_application_answers_is_taken(address):
    assert problem_of(address) is None
    assert problem_of(address, own_scheme=True) is None


@pytest.mark.parametrize("address", OWN_SCHEMES)
def test_an_own_scheme_with_a_dot_is_taken_on_a_phone_only(address):
    assert problem_of(address, own_scheme=True) is None
    assert problem_of(address) is Problem.SCHEME


@pytest.mark.parametrize(("address", "problem"), BAD)
def test_any_other_address_is_refused(address, problem):
    assert problem_of(address) is problem
    assert problem_of(address, own_scheme=True) is not None


@pytest.mark.parametrize("url", ["https://id.example.org", "http://localhost:8000"])
def test_this_sites_own_addresses_are_refused(settings, url):
    """Else a code would come back to us, where anybody's link can lead."""
    settings.PUBLIC_URL = url
    assert problem_of(f"{url}/sign-on/tried/") is Problem.OURS
    assert problem_of("https://id.example.org:443/x") is (Problem.OURS if "id." in url else None)
    assert problem_of("http://localhost:8001/x") is None


@pytest.mark.parametrize("address", ["com.example.bills:", "com.example.bills://me@host/", "com.:/x", ".com:/x"])
def test_an_own_scheme_is_complete_too(address):
    assert problem_of(address, own_scheme=True) is not None
