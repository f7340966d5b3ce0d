"""Offers between bidders and the house: below a buy-now price, of the seller, after the sale."""
