"""What every auction house runs, one folder a capability."""
