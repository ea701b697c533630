"""What a program declares: its values, its normal form, what is wrong with it, what it plans."""
