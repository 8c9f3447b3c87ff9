// Making a group.

import { tryTo } from "/page/api.js";
import { check, dialog, input } from "/page/dialog.js";
import { el } from "/page/dom.js";
import { openChat, reload } from "/page/chat.js";
import { groupKey, state } from "/page/state.js";

export async function showCreate() {
  let made = null;
  const submit = async (form) => (made = await create(form)) !== null;
  const fields = [
    input("name", "Name", { required: true, maxlength: state.about.limits.group_name }),
    input("description", "What it is for", { rows: 2, maxlength: 1000 }),
    el("fieldset", {}, el("legend", {}, "Who may come in"),
      choice("open", "Anyone; members see who the others are", true),
      choice("anonymous", "Anyone; only moderators see who the others are"),
      choice("closed", "Members only, and whoever they invite")),
    check("public", "List it where groups are searched", true),
  ];
  await dialog("New group", fields, submit, { confirm: "Create" });
  if (made !== null) await openChat(groupKey(made));
}

const choice = (value, label, checked = false) =>
  el("label", { class: "check" }, el("input", { type: "radio", name: "kind", value, checked }), el("span", {}, label));

// Returns the id of the group, null if it was refused.
async function create(form) {
  const { name, description, kind, public: listed } = form.elements;
  const made = await tryTo("POST", "/api/groups", {
    name: name.value,
    description: description.value,
    public: listed.checked,
    anonymous: kind.value === "anonymous",
    members_only: kind.value === "closed",
  });
  if (!made) return null;
  if (!state.chats.has(groupKey(made.id))) await reload();
  return made.id;
}
