"""Collecting what buyers owe: reminders, late charges, winners charged, and who never pays."""
