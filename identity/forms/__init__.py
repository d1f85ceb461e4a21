"""Forms of identity: they check shape and never write."""
