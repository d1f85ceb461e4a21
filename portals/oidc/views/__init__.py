"""The pages and endpoints of sign-on at outside applications (OpenID Connect)."""
