// Finding groups to join, and people to invite or to write to.

import { ask, path, Refused, tryTo } from "/page/api.js";
import { askFor, dialog, input } from "/page/dialog.js";
import { avatar, el, notice } from "/page/dom.js";
import { openChat, openTalk, reload } from "/page/chat.js";
import { groupKey, state } from "/page/state.js";

// A field that searches while one types; `find(words)` gives the entries.
function search(label, find) {
  const list = el("div", { class: "list", role: "list" });
  let last = 0;
  const run = async (words) => {
    const mine = ++last;
    const entries = await find(words).catch((no) => (notice(no.message), []));
    if (mine === last) list.replaceChildren(...(entries.length ? entries : [el("p", { class: "quiet" }, "Nothing found.")]));
  };
  let waiting = 0;
  const typed = (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => run(event.target.value), 200);
  };
  run("");
  return [input("words", label, { type: "search", oninput: typed, maxlength: 100 }), list];
}

export function showFind() {
  const groups = async (words) => {
    const found = await ask("GET", `/api/directory?q=${encodeURIComponent(words)}`);
    return found.map(group);
  };
  const people = async (words) => {
    const found = await ask("GET", `/api/people?q=${encodeURIComponent(words)}`);
    return found.filter((one) => one.id !== state.me.id).map((one) => person(one, "Write", (close) => (close(), openTalk(one.id, one.name, null))));
  };
  const area = el("div", { class: "menu" }, search("Search groups by name", groups));
  const show = (label, find) => () => area.replaceChildren(...search(label, find));
  return dialog("Find", [
    el("div", { class: "row" },
      el("button", { type: "button", onclick: show("Search groups by name", groups) }, "Groups"),
      el("button", { type: "button", onclick: show("Search people by name", people) }, "People")),
    area,
  ], null, { cancel: "Close" });
}

function group(one) {
  const inside = state.chats.has(groupKey(one.id));
  const enter = async (event) => {
    if (!(await join(one))) return;
    // First, or it keeps the focus from what is opened, and gives it back to where it was
    event.target.closest("dialog")?.close();
    await openChat(groupKey(one.id));
  };
  return el("div", { class: "entry found", role: "listitem", data: { group: one.id } },
    avatar(one.id, one.name),
    el("div", {}, el("b", {}, one.name), el("div", { class: "quiet" }, about(one))),
    el("button", { type: "button", class: "join", onclick: enter }, inside ? "Open" : "Join"));
}

export function about(one) {
  const kind = { private: "members only", public: "", anonymous: "anonymous" }[one.kind];
  const count = `${one.member_count} ${one.member_count === 1 ? "member" : "members"}`;
  return [count, kind, one.description].filter(Boolean).join(" · ");
}

// Enter a group, asking for its password if it has one. False if that was refused.
export async function join(one, password = "") {
  if (!state.chats.has(groupKey(one.id))) {
    try {
      await ask("POST", `${path("groups", one.id)}/join`, { password });
    } catch (no) {
      if (!(no instanceof Refused)) throw no;
      if (no.condition !== "not-authorized") return notice(no.message), false;
      const given = await askFor(no.message, { name: "password", label: "Password", type: "password" });
      return given === null ? false : join(one, given);
    }
    await reload();
  }
  return true;
}

// An address such as /#group=harbour leads to a group; who is not in it yet is asked first.
export async function followLink() {
  const id = new URLSearchParams(location.hash.slice(1)).get("group");
  if (!id || !state.me) return;
  if (state.chats.has(groupKey(id))) return openChat(groupKey(id));
  const info = await tryTo("GET", path("groups", id));
  if (info === undefined) return;
  let inside = false;
  const enter = async () => (inside = await join({ id }));
  await dialog(`Join ${info.config.name}?`, [el("p", { class: "quiet" }, info.config.description)], enter, { confirm: "Join" });
  if (inside) await openChat(groupKey(id));
}

// `does(close)` acts, and closes the dialog when that is over.
function person(one, word, does) {
  const act = (event) => does(() => event.target.closest("dialog")?.close());
  const kind = one.xmpp ? "XMPP" : one.badges.join(", ");
  return el("div", { class: "entry", role: "listitem", data: { found: one.id } },
    avatar(one.id, one.name),
    el("div", {}, el("b", {}, one.name), el("div", { class: "quiet" }, kind)),
    el("button", { type: "button", class: "take", onclick: act }, word));
}

export function showInvite(chat) {
  const invite = async (one, close) => {
    const asked = await tryTo("POST", `${path("groups", chat.group)}/invitations`, { person: one.id });
    if (asked === undefined) return;
    notice(`${one.name} has been invited.`);
    close();
  };
  const people = async (words) => {
    const found = await ask("GET", `/api/people?q=${encodeURIComponent(words)}`);
    return found.filter((one) => !chat.members.get(one.id)?.present).map((one) => person(one, "Invite", (close) => invite(one, close)));
  };
  return dialog(`Invite to ${chat.name}`, search("Search people by name", people), null, { cancel: "Close" });
}
