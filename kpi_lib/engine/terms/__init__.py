"""Terms: what a formula is made of, one file each."""
