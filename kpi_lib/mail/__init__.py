"""The mail room: each partner gets its own scorecard, once, and nobody else's.

Nothing below this room can send anything: what makes reports does not import it.
"""
