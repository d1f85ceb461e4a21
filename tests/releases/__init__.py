"""What released versions had stored, and the proof that today's migrations carry it along."""
