"""Every code and link: issued, counted, checked, spent."""
