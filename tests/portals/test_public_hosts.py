"""What our own servers call: public hosts only, whatever a name resolves to, and never anywhere else (M12)."""

import datetime
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from portals import public_hosts
from portals.oidc.registered_addresses import Problem, problem_of_call
from portals.public_hosts import NotPublic

NAME = "bills.example.org"
PUBLIC = "93.184.215.14"
INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.5", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200",
    "192.0.0.192", "168.63.129.16", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.7", "::", "::1", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.5", "64:ff9b::7f00:1",
    "2002:7f00:1::", "2001:db8::7", "2001:0:7f00:1::",
]  # fmt: skip
OUTSIDE = [PUBLIC, "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_inside_is_not_public(address):
    assert not public_hosts.is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_outside_is(address):
    assert public_hosts.is_public(address)


@pytest.fixture
def names(monkeypatch):
    """A name service: a list of answers a name, one after the other; numbers stand for themselves."""
    real, known, asked = socket.getaddrinfo, {}, []

    def resolve(host, port, *args, **more):
        asked.append(host)
        if host not in known:
            return real(
                host, port, *args, flags=socket.AI_NUMERICHOST, **{k: v for k, v in more.items() if k == "type"}
            )
        answers = known[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [entry for one in addresses for entry in real(one, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    known["asked"] = asked
    return known


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        (f"https://{NAME}/logout", None),
        (f"https://{NAME}:443/logout?x=1", None),
        ("https://nobody-knows-it.example/logout", None),
        (f"http://{NAME}/logout", Problem.PLAIN_HTTP),
        ("http://127.0.0.1:8877/internal?x=1", Problem.SCHEME),
        ("http://localhost:6379/", Problem.SCHEME),
        ("https://localhost/", Problem.NOT_PUBLIC),
        ("https://10.0.0.5/", Problem.NOT_PUBLIC),
        ("https://169.254.169.254/", Problem.NOT_PUBLIC),
        ("https://[::1]/", Problem.NOT_PUBLIC),
        ("https://[::ffff:a00:5]/", Problem.NOT_PUBLIC),
        ("https://2130706433/", Problem.NOT_PUBLIC),
        ("https://0x7f.1/", Problem.NOT_PUBLIC),
        ("https://inside.example.org/", Problem.NOT_PUBLIC),
        ("https://both.example.org/", Problem.NOT_PUBLIC),
        (f"https://{NAME}:8443/logout", Problem.PORT),
        (f"https://{NAME}:22/", Problem.PORT),
        (f"https://{NAME}/../", Problem.DOTS),
    ],
)
def test_when_an_application_is_registered(monkeypatch, address, problem):
    """Each form of an address that a machine understands is read as the machine does."""
    real = socket.getaddrinfo
    known = {
        NAME: [PUBLIC],
        "localhost": ["127.0.0.1", "::1"],
        "inside.example.org": ["10.1.2.3"],
        "both.example.org": [PUBLIC, "127.0.0.1"],
    }

    def resolve(host, port, **more):
        if host.endswith(".example"):
            raise socket.gaierror
        return [entry for one in known.get(host, [host]) for entry in real(one, port, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert problem_of_call(address) is problem


def test_the_sample_of_the_demo_is_let_in_by_a_setting(settings):
    settings.CALLS_LOOPBACK = True
    assert problem_of_call("http://localhost:8001/back-channel-logout") is None
    assert problem_of_call("http://127.0.0.1:8001/") is None
    assert problem_of_call("https://10.0.0.5/") is Problem.NOT_PUBLIC
    assert problem_of_call("http://10.0.0.5/") is Problem.PLAIN_HTTP


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8877/", "https://127.0.0.1/", f"https://{NAME}/", f"https://{NAME}:8443/", "ftp://x/"]
)
def test_a_call_is_refused_too(names, monkeypatch, address):
    """What was registered before, or means something else now."""
    names[NAME] = [[PUBLIC, "10.0.0.5"]]
    monkeypatch.setattr(public_hosts, "_post_to", pytest.fail)
    with pytest.raises(NotPublic):
        public_hosts.post(address, {})


def test_a_name_is_asked_for_once_and_the_address_that_was_looked_at_is_called(names, monkeypatch):
    """DNS rebinding: public at the first question, inside at the second."""
    names[NAME] = [[PUBLIC], ["127.0.0.1"]]
    called = []
    monkeypatch.setattr(public_hosts, "_post_to", lambda ip, parts, form: called.append(ip) or 200)
    assert public_hosts.post(f"https://{NAME}/logout", {}) == 200
    assert called == [PUBLIC]
    assert names["asked"] == [NAME]


def test_the_next_address_is_tried_when_one_does_not_answer(names, monkeypatch):
    names[NAME] = [["8.8.8.8", PUBLIC]]
    tried = []

    def post(ip, parts, form):
        tried.append(ip)
        if len(tried) == 1:
            raise urllib3.exceptions.ConnectTimeoutError
        return 204

    monkeypatch.setattr(public_hosts, "_post_to", post)
    assert public_hosts.post(f"https://{NAME}/logout", {}) == 204
    assert tried == ["8.8.8.8", PUBLIC]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.heard.append(
            (self.path, self.headers["Host"], self.rfile.read(int(self.headers["Content-Length"])))
        )
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def https(tmp_path, monkeypatch):
    """A real server on loopback, whose certificate is for NAME; port 443 is not ours to have, so only `_post_to` is
    asked. Answers it and the names that callers said (SNI)."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, secret = serialization.Encoding.PEM, tmp_path / "both.pem"
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    secret.write_bytes(certificate.public_bytes(pem) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(secret)
    said = []
    context.sni_callback = lambda _socket, name, _context: said.append(name)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.heard, server.said = [], said
    server.handle_error = lambda *_: None  # a caller that does not trust us hangs up
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr(public_hosts, "where", lambda: str(secret))
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _post(server, name):
    parts = public_hosts.urlsplit(f"https://{name}:{server.server_port}/logout?x=1")
    return public_hosts._post_to("127.0.0.1", parts, {"logout_token": "a b"})


def test_the_certificate_is_that_of_the_name_and_nothing_is_followed(https):
    assert _post(https, NAME) == 302
    assert https.heard == [("/logout?x=1", f"{NAME}:{https.server_port}", b"logout_token=a+b")]
    assert https.said == [NAME]


def test_a_certificate_of_another_name_is_refused(https):
    with pytest.raises(urllib3.exceptions.SSLError):
        _post(https, "other.example.org")
    assert https.heard == []
