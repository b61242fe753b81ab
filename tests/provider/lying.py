"""A provider that can say anything: for what an honest one never does."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
CLIENT, SECRET = "cornerstone", "a secret of both"


class Liar:
    """Answers as an honest provider until told otherwise: `claims`, `key`, `algorithm`, `config`, `pages` and so on."""

    def __init__(self):
        self.nonce, self.asked = "", []
        self.claims, self.config, self.userinfo = {}, {}, {}
        self.key, self.algorithm, self.kid, self.token = KEY, "RS256", "one", None
        self.pages = {}  # path: (status, headers, body)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def configuration(self):
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        places["userinfo_endpoint"] = "userinfo"
        found = {name: f"{self.issuer}/{path}" for name, path in places.items()}
        return {"issuer": self.issuer, **found, "token_endpoint_auth_methods_supported": ["client_secret_post"]} | (
            self.config
        )

    def keys(self):
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        return {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}

    def id_token(self):
        if self.token is not None:
            return self.token
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT, "sub": "subject-1", "iat": now, "exp": now + 300}
        said |= {"nonce": self.nonce, "email": "rep@firm.example", "email_verified": True}
        said = {name: value for name, value in (said | self.claims).items() if value is not None}
        return jwt.encode(said, self.key, self.algorithm, headers={"kid": self.kid} if self.kid else None)

    def answer(self, path, form):
        self.asked.append((path, form))
        answers = {
            "/.well-known/openid-configuration": self.configuration,
            "/keys": self.keys,
            "/token": lambda: {"access_token": "access", "token_type": "bearer", "id_token": self.id_token()},
            "/userinfo": lambda: self.userinfo,
        }
        if path in self.pages:
            return self.pages[path]
        return 200, {"Content-Type": "application/json"}, json.dumps(answers[path]()).encode()


def _handler(liar):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length") or 0)
            form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            status, headers, body = liar.answer(self.path, form)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_args):
            pass

    return Handler
