"""Django's PostgreSQL backend with a breaker: see base."""
