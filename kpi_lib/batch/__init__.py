"""Runs notebooks, many of them, each confined to its own slice, and lays down what is whole."""
