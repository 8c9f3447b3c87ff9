// What the page knows. Those who draw it are told after changes, at most once a frame.

export const state = {
  me: null,
  about: null,
  chats: new Map(), // key → chat; see makeChat
  invitations: [],
  directory: [], // public groups
  open: null, // the key of what is shown
  replying: null, // { id, author_name, body }
  editing: null, // the id of a message
};

// A chat is a group, or a private conversation: then `person` is set. Both have messages.
export function makeChat(fields) {
  return {
    group: null, person: null, name: "", me: null, unread: 0, lastSeq: 0, latest: "", info: null,
    members: new Map(), messages: [], loaded: false, complete: false, typing: new Map(), ...fields,
  };
}

export const groupKey = (id) => `group ${id}`;
export const talkKey = (person, group) => `talk ${person} ${group ?? ""}`;
export const current = () => state.chats.get(state.open) ?? null;
export const ranks = ["outcast", "none", "member", "admin", "owner"];
export const atLeast = (chat, rank) => ranks.indexOf(chat.me?.affiliation) >= ranks.indexOf(rank);
export const moderates = (chat) => chat.me?.role === "moderator";
export const hasVoice = (chat) => chat.person !== null || ["participant", "moderator"].includes(chat.me?.role);

const drawers = [];
let drawing = 0;

export const onChange = (draw) => drawers.push(draw);

export function changed() {
  drawing ||= setTimeout(drawNow, 16);
}

export function drawNow() {
  clearTimeout(drawing);
  drawing = 0;
  for (const draw of drawers) draw();
}

// Loading and hearing never overlap: what is heard while something loads is heard after it.
let turn = Promise.resolve();
export function inTurn(step) {
  const done = turn.then(step);
  turn = done.catch((error) => console.error(error));
  return done;
}
