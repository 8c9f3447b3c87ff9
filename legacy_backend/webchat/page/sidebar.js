// The list of groups, private conversations and invitations.

import { path, tryTo } from "/page/api.js";
import { showCreate } from "/page/create.js";
import { $, arrange, avatar, el } from "/page/dom.js";
import { about, join, showFind } from "/page/find.js";
import { changed, groupKey, onChange, state } from "/page/state.js";
import { openChat } from "/page/chat.js";

const KINDS = { guest: "guest", registered: "", xmpp: "XMPP" };

export function startSidebar() {
  $("#new-group").addEventListener("click", showCreate);
  $("#find-groups").addEventListener("click", showFind);
  onChange(draw);
}

function draw() {
  if (!state.me) return;
  $("#self").replaceChildren(
    avatar(state.me.id, state.me.name),
    el("span", {}, state.me.name, " ", el("span", { class: "quiet" }, KINDS[state.me.kind])),
  );
  const chats = [...state.chats.values()];
  const groups = chats.filter((chat) => chat.person === null);
  groups.sort((one, other) => (other.latest ?? "").localeCompare(one.latest ?? "") || one.name.localeCompare(other.name));
  const talks = chats.filter((chat) => chat.person !== null);
  fill($("#groups"), groups, "You are in no group yet.");
  fill($("#conversations"), talks, "Choose a member to write to them alone.");
  drawDirectory();
  $("#invitations").replaceChildren(...state.invitations.map(invitation));
  const unread = chats.reduce((sum, chat) => sum + chat.unread, 0);
  document.title = unread ? `(${unread}) Web chat` : "Web chat";
}

const SUGGESTED = 6;
let suggested = "";

function drawDirectory() {
  const others = state.directory.filter((one) => !state.chats.has(groupKey(one.id))).slice(0, SUGGESTED);
  const looks = JSON.stringify(others);
  if (looks === suggested) return;
  suggested = looks;
  $("#public").hidden = !others.length;
  $("#directory").replaceChildren(...others.map((one) =>
    el("li", {}, el("button", { type: "button", class: "open-chat", data: { group: one.id }, onclick: () => enter(one) },
      avatar(one.id, one.name),
      el("span", { class: "label" }, el("span", {}, one.name), el("small", {}, about(one)))))));
}

async function enter(one) {
  if (await join(one)) await openChat(groupKey(one.id));
}

const drawn = new Map();

function fill(list, chats, nothing) {
  const nodes = chats.map((chat) => {
    const key = chat.person === null ? groupKey(chat.group) : `talk ${chat.person} ${chat.group ?? ""}`;
    const looks = JSON.stringify([chat.name, chat.unread, state.open === key, chat.info?.picture, place(chat)]);
    const old = drawn.get(key);
    if (old?.looks === looks) return old.node;
    const node = el("li", {}, button(chat, key));
    drawn.set(key, { looks, node });
    return node;
  });
  arrange(list, nodes.length ? nodes : [el("li", { class: "nothing" }, nothing)]);
}

function place(chat) {
  if (chat.person === null) return chat.info.subject?.text || chat.info.config.description;
  return chat.group === null ? "" : `in ${state.chats.get(groupKey(chat.group))?.name ?? chat.group}`;
}

function button(chat, key) {
  const data = chat.person === null ? { group: chat.group } : { person: chat.person, in: chat.group ?? "" };
  return el(
    "button",
    { type: "button", class: "open-chat", data, "aria-current": String(state.open === key), onclick: () => openChat(key) },
    avatar(chat.person ?? chat.group, chat.name, chat.info?.picture),
    el("span", { class: "label" }, el("span", {}, chat.name), el("small", {}, place(chat))),
    chat.unread ? el("span", { class: "unread" }, String(Math.min(chat.unread, 999))) : null,
  );
}

function invitation(one) {
  const group = path("groups", one.group);
  const drop = () => {
    state.invitations = state.invitations.filter((other) => other !== one);
    changed();
  };
  const accept = async () => {
    if ((await tryTo("POST", `${group}/join`, {})) !== undefined) drop();
  };
  const decline = async () => {
    if ((await tryTo("POST", `${group}/decline`, {})) !== undefined) drop();
  };
  return el(
    "div",
    { class: "invitation", data: { invitation: one.group } },
    el("span", {}, el("b", {}, one.by_name || "Somebody"), " asks you into ", el("b", {}, one.info.config.name)),
    one.reason ? el("span", { class: "quiet" }, one.reason) : null,
    el("span", { class: "row" },
      el("button", { type: "button", class: "accept primary", onclick: accept }, "Join"),
      el("button", { type: "button", class: "decline", onclick: decline }, "No, thanks")),
  );
}
