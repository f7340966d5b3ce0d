"""Permission to follow a house's live channels."""
