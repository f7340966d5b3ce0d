"""How pages look: themes of tokens and templates on one base, and the files that go with them."""
