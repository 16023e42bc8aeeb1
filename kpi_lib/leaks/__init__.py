"""The leak check: whatever goes to a partner, searched for what is nobody else's to tell.

A run asks it before a page takes its place, the mail room before a message goes out. What a page
computes excuses what stands on it; what a person typed excuses nothing (decision 0008).
"""
