"""How fast a gateway is: one plugin, run by Sluice and by slidge, timed from outside both.

Run `python -m bench --help`. A scenario is a file in `bench/scenarios`.
"""
