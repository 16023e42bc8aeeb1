"""From an executed notebook to a page that may leave the house."""
