// REST: one function, and the token that says that a change comes from this page.

import { notice } from "/page/dom.js";

let csrf = "";

export class Refused extends Error {
  constructor(status, error, text) {
    super(text || error);
    this.status = status;
    this.condition = error;
  }
}

// Whether it is worth asking again later.
export const passes = (no) => no instanceof Refused && (no.status === 0 || no.status === 429 || no.status >= 500);

export const setCsrf = (token) => (csrf = token);
export const path = (...parts) => "/api/" + parts.map(encodeURIComponent).join("/");

// Returns the JSON of the answer, null if it has none. `body`: an object, or a Blob as it is.
export async function ask(method, url, body) {
  const headers = {};
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  const raw = body instanceof Blob;
  if (body && !raw) headers["Content-Type"] = "application/json";
  if (raw) headers["Content-Type"] = "application/octet-stream";
  let answer;
  try {
    answer = await fetch(url, { method, headers, body: raw || !body ? body : JSON.stringify(body) });
  } catch {
    throw new Refused(0, "remote-server-timeout", "The server cannot be reached.");
  }
  const text = await answer.text();
  let json = null;
  try {
    json = text ? JSON.parse(text) : null;
  } catch {
    throw new Refused(answer.status, "remote-server-timeout", "The answer makes no sense.");
  }
  if (!answer.ok) throw new Refused(answer.status, json?.error, json?.text);
  return json;
}

// Ask, and show a refusal. Returns undefined then.
export async function tryTo(method, url, body) {
  try {
    return await ask(method, url, body);
  } catch (no) {
    if (!(no instanceof Refused)) throw no;
    notice(no.message);
    return undefined;
  }
}
