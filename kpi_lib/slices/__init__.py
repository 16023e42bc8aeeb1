"""What a page is given, with types: built by those who compute, read by those who show."""
