-- Prosody for compose.yaml: one domain and the gateway as a component of it.
--
-- It is meant for a first try on one machine. Before others use it: put your domain in place of
-- localhost here and in config.toml, give Prosody certificates, and remove the two lines that
-- permit passwords without encryption.

log = { { levels = { min = "info" }, to = "console" } }
data_path = "/var/lib/prosody"

modules_enabled = {
    "roster", "saslauth", "tls", "disco", "ping", "presence", "message", "iq", "time", "version",
    "pep", "private", "bookmarks", "vcard4", "vcard_legacy", "blocklist",
    "carbons", "smacks", "mam", "csi_simple", "offline", "bosh", "websocket",
}
modules_disabled = { "s2s" }
authentication = "internal_hashed"

c2s_require_encryption = false
allow_unencrypted_plain_auth = true

-- Reached by the gateway only: compose.yaml does not publish this port.
component_interfaces = { "*" }
component_ports = { 5347 }

http_interfaces = { "*" }
http_ports = { 5280 }
https_ports = {}

VirtualHost "localhost"

Component "groups.localhost"
    component_secret = ENV_COMPONENT_SECRET
