"""Passkeys as a device makes them: with a key of their own, and an answer to nobody's question."""

import json
import secrets

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

VERIFIED = 0x01 | 0x04 | 0x40  # present, verified, holds the credential


def passkey(user, name="Laptop"):
    """Give a user a passkey that was set up on localhost."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    made = AttestedCredentialData.create(b"\0" * 16, secrets.token_bytes(16), key)
    held = AuthenticatorData.create(sha256(b"localhost"), VERIFIED, 0, made)
    asked = {"type": "webauthn.create", "challenge": "AA", "origin": "http://localhost"}
    credential = {
        "id": websafe_encode(made.credential_id),
        "rawId": websafe_encode(made.credential_id),
        "type": "public-key",
        "clientExtensionResults": {},
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(asked).encode()),
            "attestationObject": websafe_encode(AttestationObject.create("none", held, {})),
        },
    }
    return Authenticator.objects.create(user=user, type="webauthn", data={"name": name, "credential": credential})
