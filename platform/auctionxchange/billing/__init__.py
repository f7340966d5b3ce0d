"""What houses pay the exchange: plans, subscriptions at Stripe, and what happens on non-payment."""
