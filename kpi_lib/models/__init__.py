"""What a company asks of its customers' purchases: lifetime value, churn and forecasts, tested.

Each is fitted once a run, on cuts of the past, and shown with how far it was off there.
"""
