// Writing: new messages, replies, edits, files.

import { ask, path, Refused, tryTo } from "/page/api.js";
import { $, el, icon, notice } from "/page/dom.js";
import { changed, current, onChange, state } from "/page/state.js";
import { toNewest } from "/page/stream.js";

const SAY_AGAIN = 4000;
const drafts = new Map(); // what is half written in each chat
let attached = [];
let open = null;
let saidTyping = 0;

const field = () => $("#composer");

export function startComposer() {
  field().addEventListener("input", () => {
    grow();
    typing();
  });
  field().addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
    if (event.key === "Escape") stopAnswering();
    if (event.key === "ArrowUp" && !field().value) editLast();
  });
  $("#writing").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  $("#replying button").addEventListener("click", stopAnswering);
  $("#attach").addEventListener("click", () => $("#attach-file").click());
  $("#attach-file").addEventListener("change", upload);
  $("#ask-voice").addEventListener("click", askVoice);
  onChange(draw);
}

export function startReply(message) {
  Object.assign(state, { replying: message, editing: null });
  field().focus();
  changed();
}

export function startEdit(message) {
  Object.assign(state, { replying: null, editing: message.id });
  field().value = message.body;
  field().focus();
  grow();
  changed();
}

function stopAnswering() {
  if (state.editing) field().value = "";
  Object.assign(state, { replying: null, editing: null });
  changed();
}

function editLast() {
  const chat = current();
  const last = chat?.messages.filter((one) => one.author === chat.me?.id && !one.retracted).at(-1);
  if (last && chat.person === null) startEdit(last);
}

function draw() {
  if (open !== state.open) {
    if (open) drafts.set(open, field().value);
    open = state.open;
    field().value = drafts.get(open) ?? "";
    attached = [];
    grow();
    if (matchMedia("(pointer: fine)").matches) field().focus();
  }
  const chat = current();
  const edited = chat?.messages.find((one) => one.id === state.editing);
  const about = edited ? `Editing: ${edited.body}` : state.replying ? `${state.replying.author_name}: ${state.replying.body}` : "";
  $("#replying").hidden = !about;
  $("#replying span").textContent = about;
  $("#attached").hidden = !attached.length;
  $("#attached").replaceChildren(...attached.map(chip));
}

function chip(file) {
  const drop = () => {
    attached = attached.filter((one) => one !== file);
    changed();
  };
  return el("span", {}, file.name, el("button", { type: "button", class: "icon", title: "Remove", onclick: drop }, icon("close")));
}

function grow() {
  field().style.height = "auto";
  field().style.height = `${field().scrollHeight}px`;
}

async function send() {
  const chat = current();
  const body = field().value;
  const { replying, editing } = state;
  if (!chat || (!body.trim() && !attached.length)) return;
  const draft = { body, attachments: attached };
  if (replying) draft.reply_to = replying.id;
  if (editing) draft.attachments = chat.messages.find((one) => one.id === editing)?.attachments ?? [];
  const files = attached;
  field().value = "";
  attached = [];
  Object.assign(state, { replying: null, editing: null });
  grow();
  if (!editing) toNewest();
  changed();
  try {
    await deliver(chat, editing, draft);
  } catch (no) {
    if (!(no instanceof Refused)) throw no;
    notice(no.message);
    // What could not be sent is given back, unless something else has been begun
    if (current() === chat && !field().value) {
      field().value = body;
      attached = files;
      Object.assign(state, { replying, editing });
      changed();
    }
  }
  saidTyping = 0;
}

function deliver(chat, editing, draft) {
  if (chat.person !== null) return ask("POST", path("conversations", chat.person), { ...draft, group: chat.group });
  const messages = path("groups", chat.group, "messages");
  return editing ? ask("PATCH", `${messages}/${encodeURIComponent(editing)}`, draft) : ask("POST", messages, draft);
}

let pausing = 0;

function typing() {
  const chat = current();
  if (!chat || chat.person !== null || state.editing) return;
  const say = (mode) => ask("POST", `${path("groups", chat.group)}/typing`, { state: mode }).catch((no) => console.debug(no.message));
  if (Date.now() - saidTyping > SAY_AGAIN) {
    saidTyping = Date.now();
    say("composing");
  }
  clearTimeout(pausing);
  pausing = setTimeout(() => {
    if (saidTyping && field().value) say("paused");
    saidTyping = 0;
  }, 6000);
}

async function upload() {
  const input = $("#attach-file");
  const [file] = input.files;
  input.value = "";
  if (!file) return;
  if (file.size > state.about.limits.upload) {
    notice(`A file may have at most ${Math.floor(state.about.limits.upload / 1e6)} MB.`);
    return;
  }
  const uploaded = await tryTo("POST", `/api/files?name=${encodeURIComponent(file.name)}`, file);
  if (uploaded) attached = [...attached, uploaded];
  changed();
}

async function askVoice() {
  const asked = await tryTo("POST", `${path("groups", current().group)}/voice`, {});
  if (asked !== undefined) notice("The moderators have been asked.");
}
