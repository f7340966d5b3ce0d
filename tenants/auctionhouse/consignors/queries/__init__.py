"""Consignors as pages show them: lists, and everything of one."""
