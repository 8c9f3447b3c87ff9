// Getting what the page shows from the server: all of it at the start, pages of messages later.

import { ask, passes, path } from "/page/api.js";
import { notice } from "/page/dom.js";
import { changed, current, groupKey, makeChat, state, talkKey } from "/page/state.js";

const PAGE = 50;
const KEPT = 1000;

export async function loadAll() {
  const [groups, talks, invitations, directory] = await Promise.all([
    ask("GET", "/api/groups"),
    ask("GET", "/api/conversations"),
    ask("GET", "/api/invitations"),
    ask("GET", "/api/directory"),
  ]);
  const before = state.chats;
  state.chats = new Map();
  for (const info of groups) putGroup(info, before.get(groupKey(info.id))).loaded = false;
  for (const talk of talks) putTalk(talk, before.get(talkKey(talk.person, talk.group))).loaded = false;
  Object.assign(state, { invitations, directory });
  keepTalk(before.get(state.open));
  if (!current()) state.open = null;
  else await loadChat(current()).catch((no) => {
    if (passes(no)) throw no;
    notice(no.message);
  });
  changed();
}

// The server knows nothing of a conversation that is open but in which nothing was said yet.
function keepTalk(open) {
  if (!open || open.person === null || current()) return;
  if (open.group === null || state.chats.has(groupKey(open.group))) putTalk(open, open);
}

export function putGroup(info, old = null) {
  const key = groupKey(info.id);
  const kept = old ?? state.chats.get(key) ?? makeChat({ group: info.id });
  const chat = Object.assign(kept, { info, name: info.config.name, me: info.me ?? kept.me });
  chat.unread = info.unread ?? chat.unread;
  chat.latest = info.latest ?? chat.latest;
  chat.lastSeq = info.last_seq ?? chat.lastSeq;
  state.chats.set(key, chat);
  return chat;
}

export function putTalk({ person, name, group }, old = null) {
  const key = talkKey(person, group);
  const chat = Object.assign(old ?? state.chats.get(key) ?? makeChat({ person, group }), { name });
  state.chats.set(key, chat);
  return chat;
}

// The newest page and the members, in the place of what was there.
export async function loadChat(chat) {
  if (chat.person !== null) {
    const page = await ask("GET", talkUrl(chat, {}));
    Object.assign(chat, { ...page, me: { id: page.me }, loaded: true });
    return;
  }
  const group = path("groups", chat.group);
  const [info, members, page] = await Promise.all([
    ask("GET", group),
    ask("GET", `${group}/members`),
    ask("GET", `${group}/messages?limit=${PAGE}`),
  ]);
  putGroup(info);
  chat.members = new Map(members.map((member) => [member.id, member]));
  Object.assign(chat, { ...page, loaded: true });
}

export async function loadMembers(chat) {
  const members = await ask("GET", `${path("groups", chat.group)}/members`);
  chat.members = new Map(members.map((member) => [member.id, member]));
  changed();
}

export async function loadOlder(chat) {
  if (chat.complete || !chat.messages.length) return;
  const before = chat.messages[0].id;
  const url =
    chat.person !== null
      ? talkUrl(chat, { before })
      : `${path("groups", chat.group)}/messages?limit=${PAGE}&before=${encodeURIComponent(before)}`;
  const page = await ask("GET", url);
  chat.messages = [...page.messages, ...chat.messages];
  chat.complete = page.complete;
  changed();
}

// Long sessions do not grow without end: the oldest can be loaded again.
export function trim(chat) {
  if (chat.messages.length > KEPT) {
    chat.messages = chat.messages.slice(-KEPT / 2);
    chat.complete = false;
  }
}

function talkUrl(chat, query) {
  const words = new URLSearchParams({ limit: PAGE, ...query });
  if (chat.group !== null) words.set("group", chat.group);
  return `${path("conversations", chat.person)}?${words}`;
}
