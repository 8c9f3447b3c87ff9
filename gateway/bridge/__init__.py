"""What makes a network of a `LegacyBackend`: the plugin API's classes, on top of its interface.

The only place that knows both sides.
"""

from gateway.bridge.gateway import BridgeGateway

__all__ = ["BridgeGateway"]
