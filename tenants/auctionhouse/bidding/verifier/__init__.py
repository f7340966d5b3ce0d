"""What a bidder's one-file verifier is made of; tools/make_verifier.py writes it from here."""
