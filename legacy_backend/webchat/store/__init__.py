"""Rows in, frozen values out. Each function takes a connection; the caller owns the transaction."""
