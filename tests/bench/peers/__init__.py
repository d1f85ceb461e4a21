"""What our sign-in is measured beside: stock allauth, and a view written by hand."""
