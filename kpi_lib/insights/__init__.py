"""What moved the figures, what to do about them, and what became of what was asked for."""
