"""What a sale costs its buyers and brings its vendors, to the minor unit."""
