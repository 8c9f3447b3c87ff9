// What each event of the socket changes in what the page knows.

import { notice } from "/page/dom.js";
import { loadAll, loadChat, putGroup, putTalk, trim } from "/page/load.js";
import { changed, groupKey, moderates, state, talkKey } from "/page/state.js";

const TYPING_LASTS = 12000;

const mine = (chat, id) => chat.me?.id === id;
const nameOf = (chat, id) => chat.members.get(id)?.name ?? "Somebody";
const because = (reason) => (reason ? `: ${reason}` : ".");

export async function hear(event) {
  const chat = event.group === null ? null : state.chats.get(groupKey(event.group));
  await reactions[event.event]?.(event, chat);
  changed();
}

// `seq`: the message's place in its group, 0 in a private conversation.
function add(chat, message, seq, reading) {
  if (chat.loaded && !chat.messages.some((one) => one.id === message.id)) {
    const last = chat.messages.at(-1);
    chat.messages.push({ ...message, reactions: {}, seq: seq || (last?.seq ?? 0) + 1 });
    const author = chat.members.get(message.author);
    if (author) author.read_seq = chat.messages.at(-1).seq;
    trim(chat);
  }
  chat.latest = message.at;
  chat.typing.delete(message.author);
  // What was there when the count was fetched is in it
  const counted = seq && seq <= chat.lastSeq;
  chat.lastSeq = Math.max(chat.lastSeq, seq);
  if (!counted && !reading && !mine(chat, message.author)) chat.unread += 1;
}

const find = (chat, id) => chat?.messages.find((one) => one.id === id);
const isRead = (chat) => state.chats.get(state.open) === chat && document.hasFocus();

const reactions = {
  async hello(event) {
    if (!event.resumed) await loadAll();
  },
  "message-posted"(event, chat) {
    if (chat) add(chat, event.message, event.seq, isRead(chat));
  },
  "message-edited"(event, chat) {
    const found = find(chat, event.message.id);
    if (found) Object.assign(found, event.message, { edited_at: event.edited_at });
  },
  "message-retracted"(event, chat) {
    const found = find(chat, event.id);
    if (found) Object.assign(found, { retracted: true, by_author: event.by_author, reason: event.reason });
    for (const one of chat?.messages ?? []) if (one.reply_to?.id === event.id) one.reply_to.body = "";
  },
  reacted(event, chat) {
    const found = find(chat, event.id);
    if (!found) return;
    if (event.emojis.length) found.reactions[event.by] = event.emojis;
    else delete found.reactions[event.by];
  },
  "read-up-to"(event, chat) {
    const found = find(chat, event.id);
    const member = chat?.members.get(event.by);
    if (found && member) member.read_seq = found.seq;
    if (chat && mine(chat, event.by) && found === chat.messages.at(-1)) chat.unread = 0;
  },
  "chat-state"(event, chat) {
    if (!chat || mine(chat, event.by)) return;
    if (event.state === "composing") chat.typing.set(event.by, Date.now() + TYPING_LASTS);
    else chat.typing.delete(event.by);
    setTimeout(changed, TYPING_LASTS + 100);
  },
  "member-joined"(event, chat) {
    if (!chat) return;
    if (!chat.members.get(event.member.id)?.present) chat.info.member_count += 1;
    chat.members.set(event.member.id, { read_seq: 0, ...event.member });
  },
  async "member-left"(event, chat) {
    if (!chat) return;
    const name = chat.name;
    if (mine(chat, event.id)) {
      state.chats.delete(groupKey(event.group));
      if (state.open === groupKey(event.group)) state.open = null;
      const how = { kicked: "put out of", banned: "banned from", removed: "removed from" }[event.how];
      if (how) notice(`You were ${how} ${name}${because(event.reason)}`);
      await loadAll(); // among them the public groups, of which this may be one
      return;
    }
    chat.members.delete(event.id);
    chat.typing.delete(event.id);
    chat.info.member_count = Math.max(0, chat.info.member_count - 1);
  },
  async "member-changed"(event, chat) {
    if (!chat) return;
    const { member } = event;
    const before = chat.members.get(member.id);
    chat.members.set(member.id, { read_seq: before?.read_seq ?? 0, ...member });
    if (!member.present && member.affiliation === "none") chat.members.delete(member.id);
    if (!mine(chat, member.id)) return;
    const moderated = moderates(chat);
    Object.assign(chat.me, { nick: member.name, affiliation: member.affiliation, role: member.role });
    // In an anonymous group other ids are shown to moderators
    if (moderated !== moderates(chat) && chat.info.config.anonymous) await loadChat(chat);
  },
  "membership-requested"(event, chat) {
    if (chat) notice(`${event.member.name} asks to be let into ${chat.name}: invite them, if you like.`);
  },
  "voice-requested"(event, chat) {
    if (chat && moderates(chat)) notice(`${nameOf(chat, event.by)} asks for a voice in ${chat.name}.`);
  },
  async "group-added"(event, chat) {
    if (!chat) await loadAll();
  },
  async "group-changed"(event, chat) {
    if (!chat) return;
    const veiled = chat.info.config.anonymous !== event.info.config.anonymous;
    const { subject, password } = chat.info;
    putGroup({ ...event.info, subject, password, me: chat.me });
    if (veiled && !moderates(chat)) await loadChat(chat);
  },
  "subject-changed"(event, chat) {
    if (chat) chat.info.subject = event.subject;
  },
  "group-destroyed"(event, chat) {
    if (!chat) return;
    notice(`${chat.name} is no more${because(event.reason)}`);
    state.chats.delete(groupKey(event.group));
    if (state.open === groupKey(event.group)) state.open = null;
  },
  invited(event) {
    state.invitations = state.invitations.filter((one) => one.group !== event.group);
    state.invitations.unshift(event);
  },
  "invitation-gone"(event) {
    state.invitations = state.invitations.filter((one) => one.group !== event.group);
  },
  "invitation-declined"(event, chat) {
    if (chat) notice(`Your invitation to ${chat.name} was declined${because(event.reason)}`);
  },
  whispered(event, group) {
    const { message } = event;
    const me = group?.me?.id ?? state.me.id;
    const out = message.author === me || message.author === state.me.id;
    const [person, name] = out ? [event.recipient, event.recipient_name] : [message.author, message.author_name];
    const known = state.chats.get(talkKey(person, event.group));
    const called = group?.members.get(person)?.name ?? known?.name ?? name;
    const chat = putTalk({ person, name: called, group: event.group });
    chat.me ??= { id: message.author === me ? me : state.me.id };
    add(chat, message, 0, out || isRead(chat));
  },
};
