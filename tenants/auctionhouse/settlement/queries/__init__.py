"""What is stated, what of it is payable, and how payout runs stand."""
