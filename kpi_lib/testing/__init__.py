"""What tests and doctests write their cases with."""
