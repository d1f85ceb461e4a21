"""Pages over rbac's rows that need a portal's name: grants, deciders, reviews, idle access."""
