"""The parts of a portfolio page."""
