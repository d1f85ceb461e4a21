"""The way in: stages, allauth's adapter, authentication records, step-up, middleware."""
