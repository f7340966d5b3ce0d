"""`python -m auctionxchange.sandbox.stripe`: the sandbox as a process of the demo."""

from auctionxchange.sandbox.stripe.server import main

if __name__ == "__main__":
    main()
