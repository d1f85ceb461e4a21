"""Forms of accessforms, built from a portal's declaration: they check shape and never write."""
