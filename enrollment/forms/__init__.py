"""Forms of enrollment: they check shape and never write."""
