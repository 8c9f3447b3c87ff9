// The entrance: as a guest, with a password, or with a new account.

import { ask, Refused } from "/page/api.js";
import { $ } from "/page/dom.js";
import { state } from "/page/state.js";

export function startLogin(enter) {
  const ways = { guest: state.about.guests, login: true, register: state.about.registration };
  for (const button of document.querySelectorAll("[data-way]")) {
    button.hidden = !ways[button.dataset.way];
    button.addEventListener("click", () => choose(button.dataset.way));
  }
  for (const form of document.querySelectorAll("[data-form]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit(form, enter);
    });
  }
  $("#entrance").hidden = false;
  choose(ways.guest ? "guest" : "login");
}

function choose(way) {
  for (const button of document.querySelectorAll("[data-way]")) {
    button.setAttribute("aria-selected", button.dataset.way === way);
  }
  for (const form of document.querySelectorAll("[data-form]")) form.hidden = form.dataset.form !== way;
  $("#entrance-error").textContent = "";
  $(`[data-form=${way}] input`).focus();
}

async function submit(form, enter) {
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    enter(await ask("POST", `/api/${form.dataset.form}`, Object.fromEntries(new FormData(form))));
    form.reset();
  } catch (no) {
    if (!(no instanceof Refused)) throw no;
    $("#entrance-error").textContent = no.message;
  } finally {
    button.disabled = false;
  }
}
