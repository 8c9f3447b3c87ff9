// The messages of what is open, the oldest above.

import { ask, path } from "/page/api.js";
import { $, arrange, day, el, notice } from "/page/dom.js";
import { loadOlder } from "/page/load.js";
import { drawMessage } from "/page/message.js";
import { changed, current, inTurn, onChange, state } from "/page/state.js";

const TOGETHER = 5 * 60 * 1000;
const NEAR = 80;

let atEnd = true;
let shown = null;
let drawn = new Map(); // what was drawn of the chat that is shown: id → { looks, node }

export const toNewest = () => (atEnd = true);

export function startStream() {
  const stream = $("#stream");
  stream.addEventListener("scroll", () => {
    atEnd = stream.scrollHeight - stream.scrollTop - stream.clientHeight < NEAR;
    if (atEnd) markRead();
  });
  $("#older").addEventListener("click", showOlder);
  window.addEventListener("focus", () => changed());
  // Pictures arrive late and push what was the end away
  stream.addEventListener("load", () => atEnd && stream.scrollTo(0, stream.scrollHeight), true);
  onChange(draw);
}

async function showOlder() {
  const stream = $("#stream");
  const chat = current();
  const fromEnd = stream.scrollHeight - stream.scrollTop;
  $("#older").disabled = true;
  await inTurn(() => loadOlder(chat)).catch((no) => notice(no.message));
  $("#older").disabled = false;
  draw();
  stream.scrollTop = stream.scrollHeight - fromEnd;
}

function draw() {
  const chat = current();
  if (shown !== state.open) {
    shown = state.open;
    drawn = new Map();
  }
  if (!chat) return;
  const stream = $("#stream");
  const nodes = [];
  const kept = new Map();
  let before = null;
  for (const message of chat.messages) {
    if (!before || day(before.at) !== day(message.at)) {
      nodes.push(reuse(kept, `day ${day(message.at)}`, "", () => el("li", { class: "day" }, day(message.at))));
      before = null;
    }
    const continued = follows(before, message);
    const looks = JSON.stringify([message, continued, state.editing === message.id, chat.me, named(chat, message)]);
    nodes.push(reuse(kept, message.id, looks, (old) => drawMessage(chat, message, continued, old)));
    before = message;
  }
  drawn = kept;
  arrange($("#messages"), nodes);
  $("#older").hidden = chat.complete || !chat.loaded;
  drawSeen(chat);
  drawTyping(chat);
  if (atEnd) stream.scrollTo(0, stream.scrollHeight);
  markRead();
}

function reuse(kept, key, looks, make) {
  const old = drawn.get(key);
  const node = old?.looks === looks ? old.node : make(old?.node);
  kept.set(key, { looks, node });
  return node;
}

// Names in the reactions' tips change when people do
const named = (chat, message) => Object.keys(message.reactions ?? {}).map((id) => chat.members.get(id)?.name);

function follows(before, message) {
  if (!before || before.author !== message.author || before.author_name !== message.author_name) return false;
  return !message.reply_to && new Date(message.at) - new Date(before.at) < TOGETHER;
}

function drawSeen(chat) {
  const own = chat.messages.filter((one) => one.author === chat.me?.id && !one.retracted).at(-1);
  const readers = own
    ? [...chat.members.values()].filter((one) => one.present && one.id !== chat.me.id && one.read_seq >= own.seq)
    : [];
  const names = readers.slice(0, 3).map((one) => one.name);
  if (readers.length > 3) names.push(`${readers.length - 3} more`);
  $("#seen").textContent = names.length ? `Read by ${names.join(", ")}` : "";
}

function drawTyping(chat) {
  const now = Date.now();
  const names = [...chat.typing].filter(([, until]) => until > now).map(([id]) => chat.members.get(id)?.name ?? "Somebody");
  const verb = names.length > 1 ? "are" : "is";
  $("#typing").textContent = names.length ? `${names.slice(0, 3).join(", ")} ${verb} typing…` : "";
}

let marking = 0;
let marked = "";

function markRead() {
  const chat = current();
  const last = chat?.messages.at(-1);
  if (!last || !chat.loaded || !atEnd || !document.hasFocus()) return;
  if (chat.unread) {
    chat.unread = 0;
    changed();
  }
  const { open } = state;
  const key = `${open} ${last.id}`;
  if (chat.person !== null || marked === key || marking || (chat.me.read_seq ?? 0) >= last.seq) return;
  marking = setTimeout(async () => {
    marking = 0;
    if (state.chats.get(open) !== chat) return; // left meanwhile
    marked = key;
    chat.me.read_seq = last.seq;
    // Nobody asked for this, so that nobody wants to know if it fails
    await ask("PUT", `${path("groups", chat.group)}/read`, { id: last.id }).catch((no) => console.debug(no.message));
  }, 400);
}
