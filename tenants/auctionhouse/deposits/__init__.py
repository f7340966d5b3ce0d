"""Holds and deposits that a sale asks for above a limit, and what becomes of them afterwards."""
