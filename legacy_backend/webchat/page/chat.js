// Opening a group or a conversation, and the bar above it.

import { passes, path, tryTo } from "/page/api.js";
import { askFor } from "/page/dialog.js";
import { $, avatar, notice } from "/page/dom.js";
import { showInvite } from "/page/find.js";
import { startOver } from "/page/live.js";
import { loadAll, loadChat, putTalk } from "/page/load.js";
import { showSettings } from "/page/settings.js";
import { atLeast, changed, current, drawNow, hasVoice, inTurn, moderates, onChange, state, talkKey } from "/page/state.js";
import { toNewest } from "/page/stream.js";

export const view = (name) => (document.body.dataset.view = name);

export function openChat(key) {
  if (state.open !== key) Object.assign(state, { open: key, replying: null, editing: null });
  view("chat");
  toNewest();
  drawNow(); // what is typed from now on belongs to this chat
  return inTurn(async () => {
    const chat = state.chats.get(key);
    if (chat && !chat.loaded) {
      await loadChat(chat).catch((no) => {
        notice(no.message);
        if (passes(no)) startOver(); // or it would stay empty, whatever is said in it
      });
      changed();
    }
  });
}

// Know what one is in, having entered a group.
export const reload = () =>
  inTurn(loadAll).catch((no) => {
    notice(no.message);
    startOver();
  });

// A private conversation; `group` null: outside of any.
export function openTalk(person, name, group) {
  putTalk({ person, name, group });
  return openChat(talkKey(person, group));
}

export function startChat() {
  $("#back").addEventListener("click", () => view("list"));
  $("#invite").addEventListener("click", () => showInvite(current()));
  $("#open-settings").addEventListener("click", () => showSettings(current()));
  $("#group-subject").addEventListener("click", changeSubject);
  onChange(draw);
}

function maySetSubject(chat) {
  return moderates(chat) || (chat.info.config.members_may_change_subject && hasVoice(chat));
}

async function changeSubject() {
  const chat = current();
  if (!chat || chat.person !== null || !maySetSubject(chat)) return;
  const given = await askFor("What is this group about now?", {
    name: "text", label: "Subject", value: chat.info.subject?.text ?? "", max: 300,
  });
  if (given !== null) await tryTo("PUT", `${path("groups", chat.group)}/subject`, { text: given });
}

function draw() {
  const chat = current();
  const group = chat !== null && chat.person === null;
  $("#welcome").hidden = chat !== null;
  for (const id of ["stream", "talk-header"]) $(`#${id}`).hidden = chat === null;
  $("#talk footer").hidden = chat === null;
  for (const id of ["invite", "open-settings", "toggle-members"]) $(`#${id}`).hidden = !group;
  if (!group) $("#chat").classList.remove("with-members");
  if (!chat) {
    if (document.body.dataset.view !== "list") view("list");
    return;
  }
  $("#group-avatar").replaceChildren(avatar(chat.person ?? chat.group, chat.name, chat.info?.picture));
  $("#group-name").textContent = chat.name;
  const subject = group ? chat.info.subject?.text : "Only the two of you read this.";
  $("#group-subject").textContent = subject || (maySetSubject(chat) ? "Set a subject" : "");
  $("#group-subject").title = group ? subjectBy(chat) : "";
  $("#invite").hidden = !group || !(atLeast(chat, "admin") || chat.info.config.members_may_invite);
  $("#writing").hidden = !hasVoice(chat);
  $("#voiceless").hidden = hasVoice(chat) || !chat.loaded;
}

function subjectBy(chat) {
  const { subject } = chat.info;
  return subject ? `Set by ${subject.by_name}, ${new Date(subject.at).toLocaleString()}` : "";
}
