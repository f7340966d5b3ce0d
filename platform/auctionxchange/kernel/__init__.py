"""Small, plane-neutral parts: money, time, errors, configuration, database, outbox, logs."""
