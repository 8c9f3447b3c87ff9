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

local jid = require "util.jid";
local st = require "util.stanza";

local mirror = assert(module:get_option_string("dmuc_mirror"), "dmuc_mirror is not set");
local masters = module:get_option_set("dmuc_masters", {});

-- The tag by which a mirror says for whom it speaks. Clients are no mirrors, whether ours is there
-- or not.
local function not_a_mirrors(tag)
	if tag.name ~= "dmuc" then return tag; end
end

local function connected()
	local host = prosody.hosts[mirror];
	local component = host and host.modules.component;
	return component and component.connected;
end

local function to_mirror(stanza, origin)
	local node, _, resource = jid.split(stanza.attr.to);
	local to = node and (resource and "/full" or "/bare") or "/host";
	prosody.hosts[mirror].events.fire_event(stanza.name .. to, { origin = origin, stanza = stanza });
	return true;
end

local function joins(stanza)
	return not stanza.attr.type and stanza:get_child("x", "http://jabber.org/protocol/muc");
end

-- Notes what a client does about a room which it is in directly: it joined while the mirror was not
-- connected, and stays so until it leaves, or else it would be in the room twice.
local function is_direct(session, stanza)
	local room = jid.bare(stanza.attr.to);
	local rooms = session.dmuc_direct or {};
	session.dmuc_direct = rooms;
	if stanza.name == "presence" and not connected() and joins(stanza) then
		rooms[room] = stanza.attr.to;
	end
	local direct = rooms[room] ~= nil;
	if stanza.name == "presence" and stanza.attr.type == "unavailable" then rooms[room] = nil; end
	return direct;
end

-- After what the server itself does with a client's stanza (carbons, blocking, the list of those
-- who are told when the client goes), and before it goes out (mod_s2s is at -1). Stanzas of other
-- origin are not touched: what the mirror itself sends passes here, too.
module:hook("route/remote", function (event)
	local origin, stanza = event.origin, event.stanza;
	if not masters:contains(event.to_host) or not origin or origin.type ~= "c2s" then return; end
	stanza:maptags(not_a_mirrors);
	if not jid.split(stanza.attr.to) then return; end -- the service itself is not mirrored
	if is_direct(origin, stanza) or not connected() then return; end
	return to_mirror(st.clone(stanza), origin);
end, 10);

-- The mirror may still have clients in rooms which they have joined directly since.
local function mirror_is_back()
	for _, user in pairs(prosody.hosts[module.host].sessions) do
		for _, session in pairs(user.sessions) do
			for _, address in pairs(session.dmuc_direct or {}) do
				local gone = st.presence({ type = "error", from = session.full_jid, to = address })
					:tag("error", { type = "cancel" })
					:tag("gone", { xmlns = "urn:ietf:params:xml:ns:xmpp-stanzas" });
				to_mirror(gone, session);
			end
		end
	end
end

local function watch(host)
	if host ~= mirror or not prosody.hosts[host] then return; end
	module:hook_object_event(prosody.hosts[host].events, "component-authenticated", mirror_is_back);
end

module:hook_global("host-activated", watch);
watch(mirror);
