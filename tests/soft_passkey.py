"""A passkey made of Python: answers the two ceremonies as a browser's authenticator does."""

import hashlib
import json
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

ORIGIN = "http://localhost"


class SoftPasskey:
    """One key pair. `verified` is what it says about the fingerprint; `origin` the page it believes to be on."""

    def __init__(self, *, verified: bool = True, origin: str = ORIGIN) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.verified, self.origin = verified, origin
        self.user_handle = b""

    def make(self, options: dict) -> str:
        """Answer the options of a registration."""
        asked = options["publicKey"]
        self.user_handle = websafe_decode(asked["user"]["id"])
        key = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + key
        data = self._authenticator_data(asked["rp"]["id"], 0x40) + attested
        statement = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client_data("webauthn.create", asked["challenge"])
        answer = {"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(statement)}
        return self._credential(answer, {"credProps": {"rk": True}})

    def show(self, options: dict) -> str:
        """Answer the options of an authentication."""
        asked = options["publicKey"]
        data = self._authenticator_data(asked["rpId"], 0)
        client = self._client_data("webauthn.get", asked["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {
            "clientDataJSON": websafe_encode(client),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
            "userHandle": websafe_encode(self.user_handle),
        }
        return self._credential(answer, {})

    def _authenticator_data(self, rp_id: str, flags: int) -> bytes:
        flags |= 0x01 | (0x04 if self.verified else 0)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + bytes(4)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _credential(self, response: dict, extensions: dict) -> str:
        own = websafe_encode(self.id)
        return json.dumps(
            {"type": "public-key", "id": own, "rawId": own, "response": response, "clientExtensionResults": extensions}
        )
