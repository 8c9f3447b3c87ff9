"""An installation of slidge becomes one of Sluice."""
