"""Which answers of two submissions read alike: something to look at, and never a verdict."""
