"""Rooms in memory: state, rules, and what each change shows to whom. No I/O."""
