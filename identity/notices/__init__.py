"""What people are told: messages, alerts, tickets, mailed access codes."""
