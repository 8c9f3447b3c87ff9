"""The conformance suite on our gateway and, to compare, on the servers' own rooms.

`python -m tests.conformance` runs it against all of them and writes the table of
docs/conformance.md.
"""
