// How a group is set up: shown to all its members, changed by its owners.

import { path, tryTo } from "/page/api.js";
import { check, confirmed, dialog, input } from "/page/dialog.js";
import { el, notice } from "/page/dom.js";
import { loadMembers } from "/page/load.js";
import { atLeast, inTurn, state } from "/page/state.js";

const FLAGS = [
  ["public", "Listed where groups are searched"],
  ["members_only", "Members only: others are put out and need an invitation"],
  ["anonymous", "Only moderators see who people are"],
  ["moderated", "Newcomers only listen until they are given a voice"],
  ["members_may_invite", "Everyone may invite"],
  ["members_may_change_subject", "Everyone may change the subject"],
  ["history_visible", "Who comes later may read what was said before"],
  ["public_log", "Anybody may read what is said, without being in the group"],
];
const ROLES = [["moderator", "moderators"], ["participant", "those with a voice"], ["visitor", "those without"]];
const SETS = [["shown_roles", "Shown in the list of who is here"], ["list_readers", "May see the whole list of members"]];
const WHISPERS = [["anyone", "everyone"], ["participants", "those with a voice"], ["moderators", "moderators"], ["none", "nobody"]];

export async function showSettings(chat) {
  const { config } = chat.info;
  const owner = atLeast(chat, "owner");
  const readonly = !owner;
  const url = path("groups", chat.group);
  const whisper = el("select", { name: "private_messages", disabled: readonly },
    WHISPERS.map(([value, words]) => el("option", { value, selected: config.private_messages === value }, words)));
  const fields = [
    el("p", { class: "quiet" }, `${chat.info.kind} group, id ${chat.group}`),
    input("name", "Name", { value: config.name, required: true, readonly, maxlength: state.about.limits.group_name }),
    input("description", "Description", { rows: 2, value: config.description, readonly, maxlength: 1000 }),
    el("fieldset", {}, el("legend", {}, "Rules"),
      FLAGS.map(([name, label]) => check(name, label, config[name], readonly)),
      el("label", {}, "Private messages may be written by", whisper)),
    ...SETS.map(([name, label]) => el("fieldset", {}, el("legend", {}, label),
      el("div", { class: "row" }, ROLES.map(([role, words]) =>
        check(`${name}:${role}`, words, config[name].includes(role), readonly))))),
    chat.info.log ? el("p", { class: "quiet" }, el("a", { href: chat.info.log, target: "_blank" }, "What anybody may read")) : null,
    el("div", { class: "row" },
      input("language", "Language", { value: config.language, readonly, maxlength: 35, placeholder: "en", size: 6 }),
      input("max_users", "Most members, 0: no limit", { value: String(config.max_users), type: "number", min: 0, max: 100000, readonly }),
      owner ? input("password", "Password, if any", { value: chat.info.password ?? "", maxlength: 100, autocomplete: "off" }) : null),
    atLeast(chat, "admin") ? picture(chat, url) : null,
    atLeast(chat, "admin") ? banned(chat) : null,
    el("div", { class: "row" }, leaving(chat, url), owner ? destroying(chat, url) : null),
  ].filter(Boolean);
  await dialog(chat.name, fields, owner ? (form) => save(chat, url, form) : null, owner ? { confirm: "Save" } : { cancel: "Close" });
}

async function save(chat, url, form) {
  const { elements } = form;
  const wanted = {
    name: elements.name.value,
    description: elements.description.value,
    language: elements.language.value,
    max_users: Number(elements.max_users.value) || 0,
    password: elements.password.value,
    private_messages: elements.private_messages.value,
  };
  for (const [name] of FLAGS) wanted[name] = elements[name].checked;
  for (const [name] of SETS) wanted[name] = ROLES.map(([role]) => role).filter((role) => elements[`${name}:${role}`].checked);
  const before = { ...chat.info.config, password: chat.info.password ?? "" };
  const changes = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => !same(before[name], value)));
  if (Object.keys(changes).length && (await tryTo("PATCH", url, changes)) === undefined) return false;
  if ("password" in changes) chat.info.password = changes.password;
  return true;
}

const same = (before, value) =>
  Array.isArray(value) ? value.length === before.length && value.every((one) => before.includes(one)) : before === value;

function picture(chat, url) {
  const upload = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    if (file.size > state.about.limits.picture) return notice("This picture is too large.");
    if ((await tryTo("PUT", `${url}/picture`, file)) !== undefined) notice("The group has a new picture.");
  };
  const remove = () => tryTo("DELETE", `${url}/picture`, {});
  return el("fieldset", {}, el("legend", {}, "Picture"),
    el("input", { type: "file", name: "picture", accept: "image/png,image/jpeg,image/gif,image/webp", onchange: upload }),
    chat.info.picture ? el("button", { type: "button", onclick: remove }, "Remove the picture") : null);
}

function banned(chat) {
  const out = [...chat.members.values()].filter((one) => one.affiliation === "outcast");
  const unban = (member) => async (event) => {
    const url = path("groups", chat.group, "members", member.id);
    if ((await tryTo("PUT", `${url}/affiliation`, { affiliation: "none" })) !== undefined) event.target.closest(".entry").remove();
  };
  const list = el("div", { class: "list" }, out.map((member) => entry(member, unban(member))));
  inTurn(() => loadMembers(chat)).then(() => {
    const now = [...chat.members.values()].filter((one) => one.affiliation === "outcast");
    list.replaceChildren(...now.map((member) => entry(member, unban(member))));
    list.parentNode.hidden = !now.length;
  }, (no) => notice(no.message));
  return el("fieldset", { hidden: !out.length }, el("legend", {}, "Banned"), list);
}

const entry = (member, does) =>
  el("div", { class: "entry", data: { banned: member.id } },
    el("div", {}, member.name), el("button", { type: "button", onclick: does }, "Let in again"));

function leaving(chat, url) {
  const leave = async (event) => {
    const box = event.target.closest("dialog");
    if ((await confirmed(`Leave ${chat.name}?`, "Leave", false)) === null) return;
    if ((await tryTo("POST", `${url}/leave`, {})) !== undefined) box.close();
  };
  return el("button", { type: "button", class: "leave", onclick: leave }, "Leave the group");
}

function destroying(chat, url) {
  const destroy = async (event) => {
    const box = event.target.closest("dialog");
    const reason = await confirmed(`Destroy ${chat.name} for everyone, with all that was said?`, "Destroy", true);
    if (reason === null) return;
    if ((await tryTo("DELETE", url, { reason })) !== undefined) box.close();
  };
  return el("button", { type: "button", class: "destroy danger", onclick: destroy }, "Destroy the group");
}
