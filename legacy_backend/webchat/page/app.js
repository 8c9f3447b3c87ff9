// The page begins here: who are you, and then the chat.

import { ask, setCsrf, tryTo } from "/page/api.js";
import { startComposer } from "/page/composer.js";
import { $, fillIcons } from "/page/dom.js";
import { followLink } from "/page/find.js";
import { hear } from "/page/heard.js";
import { connect, disconnect } from "/page/live.js";
import { startLogin } from "/page/login.js";
import { startMembers } from "/page/members.js";
import { startChat } from "/page/chat.js";
import { startSidebar } from "/page/sidebar.js";
import { changed, inTurn, state } from "/page/state.js";
import { startStream } from "/page/stream.js";

function enter(me) {
  state.me = me;
  setCsrf(me.csrf);
  $("#entrance").hidden = true;
  $("#chat").hidden = false;
  let arrived = false;
  connect(async (event) => {
    await inTurn(() => hear(event));
    if (arrived) return;
    arrived = true; // what one is in is known now
    await followLink();
  }, leave);
  addEventListener("hashchange", followLink);
  changed();
}

function leave() {
  disconnect();
  location.reload();
}

async function start() {
  fillIcons(document);
  for (const begin of [startSidebar, startChat, startStream, startComposer, startMembers]) begin();
  $("#log-out").addEventListener("click", async () => {
    const guest = state.me.kind === "guest";
    if (guest && !confirm("A guest who leaves cannot come back to what was said. Leave?")) return;
    if ((await tryTo("POST", "/api/logout", {})) !== undefined) leave();
  });
  state.about = await ask("GET", "/api/about");
  const me = await ask("GET", "/api/me").catch((no) => {
    if (no.status !== 401) throw no;
    return null;
  });
  if (me) enter(me);
  else startLogin(enter);
}

start();
