"""Real servers that stand for old systems: an HTTP verifier in a thread, and OpenLDAP's slapd."""

import contextlib
import ipaddress
import json
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.services import Unavailable, free_port

SCHEMAS = Path("/etc/ldap/schema")
LDIF = """\
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: uid=jsmith.old,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: jsmith.old
cn: Jo Smith
givenName: Jo
sn: Smith
mail: Jo.Smith@example.org
userPassword: Old-Password-1

dn: uid=a*\\28b\\29\\2C c,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: a*(b), c
cn: Strange Name
sn: Name
userPassword: Old-Password-1
"""


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate of 127.0.0.1, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    return folder / "cert.pem", folder / "key.pem"


@contextlib.contextmanager
def verifier(answer: Callable[[dict], tuple[int, bytes]], *, tls: Path | None = None) -> Iterator[tuple[str, list]]:
    """An HTTP verifier: its address, and what it was asked: headers and body of each request."""
    asked: list = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((dict(self.headers), body))
            status, content = answer(body)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):  # the product hung up, as it should
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate(tls))
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/verify", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def directory() -> Iterator[tuple[str, str, str]]:
    """An OpenLDAP with two people: its addresses (StartTLS and TLS), and the file of its certificate."""
    slapd = shutil.which("slapd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if slapd is None:
        raise Unavailable("no slapd (Debian: apt-get install slapd)")
    folder = Path(tempfile.mkdtemp(prefix="healthcare-id-slapd-"))
    cert, key = certificate(folder)
    (folder / "data").mkdir()
    (folder / "people.ldif").write_text(LDIF)
    (folder / "conf").write_text(
        "".join(f"include {SCHEMAS}/{name}.schema\n" for name in ("core", "cosine", "inetorgperson"))
        + f"modulepath /usr/lib/ldap\nmoduleload back_mdb\nTLSCertificateFile {cert}\nTLSCertificateKeyFile {key}\n"
        f"database mdb\nsuffix dc=example,dc=org\nrootdn cn=admin,dc=example,dc=org\nrootpw its-secret\n"
        f"directory {folder}/data\nmaxsize 10485760\n"
    )
    plain, sealed = f"ldap://127.0.0.1:{free_port()}", f"ldaps://127.0.0.1:{free_port()}"
    subprocess.run(
        [slapd, "-T", "add", "-f", folder / "conf", "-l", folder / "people.ldif"], check=True, capture_output=True
    )
    server = subprocess.Popen(
        [slapd, "-f", folder / "conf", "-h", f"{plain} {sealed}", "-d", "0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )  # fmt: skip
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(sealed.rpartition(":")[2]))) == 0:
                    break
            time.sleep(0.02)
        yield plain, sealed, str(cert)
    finally:
        server.terminate()
        server.wait(5)
        shutil.rmtree(folder, ignore_errors=True)
