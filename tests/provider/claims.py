"""What the provider says about its people."""

from django.conf import settings
from oauth2_provider.oauth2_validators import OAuth2Validator


class Claims(OAuth2Validator):
    oidc_claim_scope = None  # everything is said in the ID token

    def get_additional_claims(self, request):
        person = settings.SAID["people"][request.user.username]
        return {"email": request.user.email, "email_verified": person["verified"], "amr": person["amr"]}
