"""The mailing: each partner gets its own scorecard, once, and nobody else's.

Nothing below this package can send anything: what makes reports does not import it.
"""
