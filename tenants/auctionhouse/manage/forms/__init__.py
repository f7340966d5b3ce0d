"""Forms of the back office; what was typed stays whatever was wrong with it."""
