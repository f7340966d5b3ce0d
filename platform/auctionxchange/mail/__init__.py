"""Mails: built in the house's name, delivered over SMTP."""
