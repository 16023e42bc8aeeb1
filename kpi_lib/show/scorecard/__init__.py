"""The parts of one partner's scorecard."""
