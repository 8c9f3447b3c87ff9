"""Slidge plugins that others wrote, unmodified, against their real networks."""
