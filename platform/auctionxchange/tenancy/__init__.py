"""From a host name to a house, its role and its schema; making, changing and migrating houses."""
