"""What trying it on one machine needs: a database, a front door, a mail sink, a browser."""
