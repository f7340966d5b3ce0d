"""The house's plan with the exchange: what it allows, what is used, how its sales are charged.

The exchange's own tables say what is subscribed; a copy in the house is what its acts look at.
"""
