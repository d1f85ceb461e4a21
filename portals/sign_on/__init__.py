"""OpenID Connect: allauth's provider and oauthlib underneath, with what they leave open closed here."""
