"""Payment files as banks take them. Pure: what goes in is a value, what comes out is bytes."""
