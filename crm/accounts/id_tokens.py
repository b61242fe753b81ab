"""Reading an ID token: who signed it, for whom, until when, to which question (OpenID Connect Core 3.1.3.7)."""

import hmac

import jwt

ALGORITHMS = {  # by the type of the key, so that no key is used in a way it was not made for; no shared secrets
    "RSA": ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
    "EC": ["ES256", "ES384", "ES512"],
    "OKP": ["EdDSA"],
}
LEEWAY = 60  # seconds that clocks may differ
NEEDED = ["iss", "sub", "aud", "exp", "iat"]
LONGEST_SUBJECT = 191  # characters


class Refused(ValueError):
    """An ID token that proves nothing to us; the message says why, for the log."""


def claims(token, *, keys, issuer, client_id, nonce):
    """Return what a token says, once signature, issuer, audience, times and nonce have been found right.

    `keys`: the provider's JSON Web Key Set. Raises Refused.
    """
    try:
        said = _decoded(token, keys, issuer, client_id)
    except Refused:
        raise
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused(type(error).__name__) from error
    if isinstance(said["aud"], list) and len(said["aud"]) > 1 and said.get("azp") != client_id:
        raise Refused("it is for somebody else too")
    if said.get("azp", client_id) != client_id:
        raise Refused("it was asked for by somebody else")
    if not nonce or not hmac.compare_digest(str(said.get("nonce", "")).encode(), nonce.encode()):
        raise Refused("it answers another question")
    if not isinstance(said["sub"], str) or not 0 < len(said["sub"]) <= LONGEST_SUBJECT or "\0" in said["sub"]:
        raise Refused("it names nobody")
    return said


def _decoded(token, keys, issuer, client_id):
    header = jwt.get_unverified_header(token)
    key = _key(keys, header.get("kid"))
    return jwt.decode(
        token,
        key.key,
        algorithms=ALGORITHMS[key.key_type],
        issuer=issuer,
        audience=client_id,
        leeway=LEEWAY,
        options={"require": NEEDED},
    )


def _key(keys, kid):
    """Return the key with this id; without an id, the only one there is."""
    found = [key for key in jwt.PyJWKSet.from_dict(keys) if key.public_key_use in (None, "sig")]
    if kid is not None:
        found = [key for key in found if key.key_id == kid]
    if len(found) != 1:
        raise Refused("no key of the provider's signed it")
    return found[0]
