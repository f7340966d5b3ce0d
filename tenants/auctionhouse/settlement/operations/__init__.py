"""Acts of settling: statements and their corrections, contra, holds, payout runs."""
