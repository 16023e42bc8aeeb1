"""What a figure stands on: its terms with their figures, and the rows behind them."""
