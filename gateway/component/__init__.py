"""The component: slidge's gateway with our stream under it and our rooms in it."""

from gateway.component.gateway import Gateway

__all__ = ["Gateway"]
