// Who is in the open group, and what can be done about them.

import { path, tryTo } from "/page/api.js";
import { askFor, choose, confirmed } from "/page/dialog.js";
import { $, arrange, avatar, el } from "/page/dom.js";
import { openTalk, view } from "/page/chat.js";
import { atLeast, current, moderates, onChange, ranks } from "/page/state.js";

export function startMembers() {
  $("#toggle-members").addEventListener("click", () => {
    if (matchMedia("(max-width: 46rem)").matches) view("members");
    else $("#chat").classList.toggle("with-members");
  });
  $("#back-to-chat").addEventListener("click", () => view("chat"));
  onChange(draw);
}

// Moderators see everyone: they are who gives those without a voice one.
const isShown = (chat, one) =>
  moderates(chat) || one.id === chat.me?.id || chat.info.config.shown_roles.includes(one.role);

let drawn = new Map();

function draw() {
  const chat = current();
  if (!chat || chat.person !== null) return;
  const here = [...chat.members.values()].filter((one) => one.present && isShown(chat, one));
  here.sort((one, other) =>
    ranks.indexOf(other.affiliation) - ranks.indexOf(one.affiliation) || one.name.localeCompare(other.name));
  $("#member-count").textContent = String(here.length);
  const kept = new Map();
  const nodes = here.map((member) => {
    const looks = JSON.stringify([member, chat.group, chat.me]);
    const old = drawn.get(member.id);
    const node = old?.looks === looks ? old.node : line(chat, member);
    kept.set(member.id, { looks, node });
    return node;
  });
  drawn = kept;
  arrange($("#members"), nodes);
}

function line(chat, member) {
  const own = member.id === chat.me?.id;
  return el(
    "li",
    { class: member.online ? "" : "away" },
    el(
      "button",
      { type: "button", data: { member: member.id }, title: member.online ? "" : "Not looking now", onclick: () => manage(chat, member, own) },
      avatar(member.id, member.name),
      el("span", { class: "label" },
        el("span", { class: "name" }, own ? `${member.name} (you)` : member.name),
        el("span", { class: "badges" }, badges(member))),
    ),
  );
}

function badges(member) {
  const rank = ["owner", "admin", "member"].includes(member.affiliation) ? member.affiliation : null;
  const role = member.role === "visitor" ? "no voice" : member.role === "moderator" && !rank ? "moderator" : null;
  return [
    rank ? el("span", { class: "rank" }, rank) : null,
    role ? el("span", { class: "rank" }, role) : null,
    member.xmpp ? el("span", { class: "badge badge-xmpp" }, "XMPP") : null,
    ...member.badges.map((title) => el("span", { class: "badge" }, title)),
  ];
}

// What the viewer may do to a member: the words, and what it comes to
function possible(chat, member, own) {
  const url = path("groups", chat.group, "members", member.id);
  const role = (wanted) => () => tryTo("PUT", `${url}/role`, { role: wanted });
  const standing = (affiliation) => () => tryTo("PUT", `${url}/affiliation`, { affiliation });
  const asking = (question, word, does) => async () => {
    const reason = await confirmed(question, word, true);
    if (reason !== null) await does(reason);
  };
  const name = member.name;
  if (own) return [["Change my name here", () => rename(chat, member)]];
  const can = [["Write privately", () => openTalk(member.id, name, chat.group)]];
  const higher = ranks.indexOf(member.affiliation) > ranks.indexOf(chat.me.affiliation);
  const high = ["owner", "admin"].includes(member.affiliation);
  if (moderates(chat) && !higher && !high) {
    can.push(member.role === "visitor" ? ["Give a voice", role("participant")] : ["Mute", role("visitor")]);
  }
  if (atLeast(chat, "admin") && !high) {
    can.push(member.role === "moderator" ? ["No moderator any more", role("participant")] : ["Make moderator", role("moderator")]);
    can.push(member.affiliation === "member" ? ["No member any more", standing("none")] : ["Make member", standing("member")]);
  }
  if (atLeast(chat, "owner")) {
    if (member.affiliation !== "admin") can.push(["Make admin", standing("admin")]);
    if (member.affiliation !== "owner") can.push(["Make owner", standing("owner")]);
    if (high) can.push(["Make ordinary member", standing("member")]);
  }
  if (moderates(chat) && !higher) {
    can.push(["Kick", asking(`Put ${name} out? They may come back.`, "Kick", (reason) => tryTo("POST", `${url}/kick`, { reason }))]);
  }
  if (atLeast(chat, high ? "owner" : "admin")) {
    const ban = (reason) => tryTo("PUT", `${url}/affiliation`, { affiliation: "outcast", reason });
    can.push(["Ban", asking(`Ban ${name} for good?`, "Ban", ban)]);
  }
  return can;
}

async function manage(chat, member, own) {
  const can = possible(chat, member, own);
  const word = await choose(member.name, can.map(([words]) => words), "menu");
  await can.find(([words]) => words === word)?.[1]();
}

async function rename(chat, member) {
  const nick = await askFor("Your name in this group", { name: "nick", label: "Name", value: member.name, max: 40 });
  if (nick) await tryTo("PUT", `${path("groups", chat.group)}/nick`, { nick });
}
