"""What ends and what is kept: closing, securing, retention, mass acts; an account's dates; the live policy."""
