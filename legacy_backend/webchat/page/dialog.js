// Dialogs: made when needed, gone when closed.

import { el } from "/page/dom.js";

// Show a dialog. `submit(form)` may refuse to close it by returning false. Resolves when it closes.
export function dialog(title, children, submit, { confirm = "Done", danger = false, cancel = "Cancel" } = {}) {
  return new Promise((closed) => {
    const form = el(
      "form",
      { method: "dialog" },
      el("h1", {}, title),
      ...children,
      el("div", { class: "row end" },
        el("button", { type: "button", class: "cancel", onclick: () => box.close() }, cancel),
        submit ? el("button", { class: `confirm ${danger ? "danger" : "primary"}` }, confirm) : null),
    );
    const box = el("dialog", { "aria-label": title }, form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector(".confirm");
      if (button) button.disabled = true;
      const done = (await submit?.(form)) !== false;
      if (button) button.disabled = false;
      if (done) box.close();
    });
    box.addEventListener("click", (event) => event.target === box && box.close());
    box.addEventListener("close", () => {
      box.remove();
      closed();
    });
    document.body.append(box);
    box.showModal();
  });
}

export function input(name, label, attributes = {}) {
  const tag = attributes.rows ? "textarea" : "input";
  return el("label", {}, label, el(tag, { name, ...attributes }));
}

export function check(name, label, checked, disabled = false) {
  return el("label", { class: "check" }, el("input", { type: "checkbox", name, checked, disabled }), el("span", {}, label));
}

// One line of text; null if the person thought better of it.
export async function askFor(title, { name, label, value = "", max, type = "text" }) {
  let given = null;
  await dialog(title, [input(name, label, { value, maxlength: max, type })], (form) => {
    given = form.elements[name].value;
  });
  return given;
}

// The reason ("" if none) when confirmed, else null.
export async function confirmed(question, word, withReason) {
  let reason = null;
  const fields = withReason ? [input("reason", "Reason, if you like", { maxlength: 300 })] : [];
  await dialog(question, fields, (form) => (reason = form.elements.reason?.value ?? "", true), { confirm: word, danger: true });
  return reason;
}

// One of several words; null if none.
export async function choose(title, words, look) {
  let chosen = null;
  const buttons = words.map((word) =>
    el("button", {
      type: "button", data: { choice: word },
      onclick: (event) => {
        chosen = word;
        event.target.closest("dialog").close();
      },
    }, word));
  await dialog(title, [el("div", { class: look }, buttons)], null);
  return chosen;
}
