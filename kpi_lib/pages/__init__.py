"""What notebooks talk to: one class a page."""
