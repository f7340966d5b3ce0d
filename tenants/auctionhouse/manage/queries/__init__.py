"""What the back office's lists show, as plain rows."""
