-- Hands what clients send to rooms elsewhere to a mirror of these rooms (docs/mirrors.md).
--
-- For a VirtualHost. While the mirror is not connected, or for other services, nothing is changed.
--
--   modules_enabled = { "dmuc_mirror" }
--   dmuc_mirror = "mirror.example.com"              -- the mirror, a Component of this server
--   dmuc_masters = { "conference.example.org" }     -- as `masters` in the mirror's configuration
--
-- The mirror answers under the rooms' own addresses, so its Component needs
--
--   validate_from_addresses = false

local jid_split = require "util.jid".split;
local st = require "util.stanza";

local mirror = assert(module:get_option_string("dmuc_mirror"), "dmuc_mirror is not set");
local masters = module:get_option_set("dmuc_masters", {});

-- The tag by which a mirror says for whom it speaks. Clients are no mirrors, whether ours is there
-- or not.
local function not_a_mirrors(tag)
	if tag.name ~= "dmuc" then return tag; end
end

local function to_mirror(host, stanza, origin)
	local node, _, resource = jid_split(stanza.attr.to);
	local to = node and (resource and "/full" or "/bare") or "/host";
	host.events.fire_event(stanza.name .. to, { origin = origin, stanza = stanza });
	return true;
end

-- After what the server itself does with a client's stanza (carbons, blocking, the list of those
-- who are told when the client goes), and before it goes out (mod_s2s is at -1). Stanzas of other
-- origin are not touched: what the mirror itself sends passes here, too.
module:hook("route/remote", function (event)
	local origin, stanza = event.origin, event.stanza;
	if not masters:contains(event.to_host) or not origin or origin.type ~= "c2s" then return; end
	stanza:maptags(not_a_mirrors);
	local host = prosody.hosts[mirror];
	local component = host and host.modules.component;
	if not component or not component.connected then return; end
	local node = jid_split(stanza.attr.to);
	if not node then return; end -- the service itself is not mirrored
	return to_mirror(host, st.clone(stanza), origin);
end, 10);
