"""Three houses to try: real paintings, running sales, and simulated bidders."""
