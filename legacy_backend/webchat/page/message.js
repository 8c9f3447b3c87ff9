// One message, with what can be done about it.

import { path, tryTo } from "/page/api.js";
import { choose, confirmed } from "/page/dialog.js";
import { arrange, avatar, clock, el, icon, linked } from "/page/dom.js";
import { startEdit, startReply } from "/page/composer.js";
import { hasVoice, moderates } from "/page/state.js";

const EMOJIS = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "🔥", "👀", "✅", "👎", "🤔"];

const url = (chat, message) => path("groups", chat.group, "messages", message.id);

// Draws into `old` if there is one, and leaves its buttons alone: one may just be pressed.
export function drawMessage(chat, message, continued, old) {
  const fresh = makeMessage(chat, message, continued);
  if (!old) return fresh;
  old.className = fresh.className;
  const [was, is] = [old, fresh].map((node) => node.querySelector(":scope > .acts"));
  const same = was && is && was.dataset.can === is.dataset.can;
  arrange(old, [...fresh.children].map((child) => (same && child === is ? was : child)));
  return old;
}

function makeMessage(chat, message, continued) {
  const own = message.author === chat.me?.id;
  const classes = ["message", own && "own", continued && "continued", message.retracted && "retracted"];
  return el(
    "li",
    { class: classes.filter(Boolean).join(" "), data: { id: message.id, author: message.author ?? "" } },
    continued ? el("span") : avatar(message.author ?? "", message.author_name),
    el(
      "div",
      { class: "said" },
      continued ? null : el("div", { class: "head" },
        el("span", { class: "author" }, message.author_name),
        el("time", { datetime: message.at, title: new Date(message.at).toLocaleString() }, clock(message.at))),
      el("div", { class: "bubble" }, message.retracted ? gone(message) : said(message)),
      message.retracted ? null : reactions(chat, message),
    ),
    message.retracted ? null : acts(chat, message, own),
  );
}

function gone(message) {
  const text = message.by_author ? "Taken back" : "Removed by a moderator";
  return el("div", { class: "body" }, message.reason ? `${text}: ${message.reason}` : text);
}

function said(message) {
  return [
    message.reply_to ? quoted(message.reply_to) : null,
    message.body ? el("div", { class: "body" }, linked(message.body)) : null,
    ...message.attachments.map(file),
    message.edited_at ? el("span", { class: "edited" }, " edited") : null,
  ];
}

function quoted(quote) {
  const show = () => {
    const there = document.querySelector(`.message[data-id="${CSS.escape(quote.id)}"]`);
    there?.scrollIntoView({ block: "center" });
    there?.classList.add("flash");
    setTimeout(() => there?.classList.remove("flash"), 1500);
  };
  return el("button", { type: "button", class: "quoted", onclick: show },
    el("b", {}, quote.author_name), el("span", {}, quote.body || "This was taken back, or has no text."));
}

function file(one) {
  let address = null;
  try {
    address = new URL(one.url);
  } catch {
    return el("div", { class: "file" }, one.url);
  }
  const name = one.name || address.pathname.split("/").at(-1) || one.url;
  const ours = address.origin === location.origin && address.pathname.startsWith("/files/");
  const inside = ours && one.media_type === "image/png" ? el("img", { src: one.url, alt: name }) : [icon("attach"), name];
  return el("a", { class: "file", href: one.url, target: "_blank", rel: "noopener noreferrer nofollow" }, inside);
}

function reactions(chat, message) {
  const counts = new Map();
  for (const [by, emojis] of Object.entries(message.reactions ?? {})) {
    for (const emoji of emojis) counts.set(emoji, [...(counts.get(emoji) ?? []), by]);
  }
  const buttons = [...counts].map(([emoji, by]) => {
    const names = by.map((id) => chat.members.get(id)?.name ?? "somebody").join(", ");
    const pressed = String(by.includes(chat.me.id));
    const react = () => toggle(chat, message, emoji);
    return el("button", { type: "button", title: names, "aria-pressed": pressed, onclick: react }, `${emoji} ${by.length}`);
  });
  return el("div", { class: "reactions" }, buttons);
}

function toggle(chat, message, emoji) {
  const mine = message.reactions?.[chat.me.id] ?? [];
  const emojis = mine.includes(emoji) ? mine.filter((one) => one !== emoji) : [...mine, emoji];
  return tryTo("PUT", `${url(chat, message)}/reactions`, { emojis });
}

async function pick(chat, message) {
  const emoji = await choose("React with", EMOJIS, "emojis");
  if (emoji) await toggle(chat, message, emoji);
}

async function remove(chat, message, own) {
  const what = own ? "Take this message back?" : `Remove this message of ${message.author_name}?`;
  const reason = await confirmed(what, own ? "Take back" : "Remove", !own);
  if (reason !== null) await tryTo("DELETE", url(chat, message), { reason });
}

function acts(chat, message, own) {
  if (chat.person !== null || !hasVoice(chat)) return null;
  const act = (name, title, does) =>
    el("button", { type: "button", class: `icon act-${name}`, title, "aria-label": title, onclick: does }, icon(name));
  const now = () => chat.messages.find((one) => one.id === message.id) ?? message;
  const removes = own || moderates(chat);
  return el(
    "div",
    { class: "acts", data: { can: `${own} ${removes}` } },
    act("react", "React", () => pick(chat, now())),
    act("reply", "Reply", () => startReply(now())),
    own ? act("edit", "Edit", () => startEdit(now())) : null,
    removes ? act("delete", own ? "Take back" : "Remove", () => remove(chat, message, own)) : null,
  );
}
