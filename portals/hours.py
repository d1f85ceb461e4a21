"""Hours in which somebody answers: open now or not, and when next (S4-16)."""
