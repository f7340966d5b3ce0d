"""What the house owes its consignors: statements, holds, payout runs and the banks' files."""
