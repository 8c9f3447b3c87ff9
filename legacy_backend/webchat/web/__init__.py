"""HTTP and WebSocket: requests in, acts called, JSON out. No rules of the network live here."""
