"""Work done after the fact, always for a house or, named as such, for the platform."""
