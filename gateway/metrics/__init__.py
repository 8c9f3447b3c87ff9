"""What the gateway tells about its work while it runs: figures for Prometheus, and the state of
things for `sluice`."""
