"""A portal's own pages."""
