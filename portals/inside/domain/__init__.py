"""What happens behind a portal's door, by noun."""
