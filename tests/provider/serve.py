"""`python -m tests.provider.serve`: make the provider's database and answer until killed."""

import os
from socketserver import ThreadingMixIn
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIServer, make_server

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.provider.settings"


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def fill(said):
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0)
    for name, person in said["people"].items():
        User.objects.create_user(name, person["email"], said["password"])
    Application.objects.create(
        client_id=said["client_id"],
        client_secret=said["client_secret"],
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=said["redirect_uri"],
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
    )


if __name__ == "__main__":
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    fill(settings.SAID)
    make_server("127.0.0.1", urlsplit(settings.SAID["issuer"]).port, application, server_class=Server).serve_forever()
