// Making and arranging elements. Data gets into the page as text and attributes, never as HTML.

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  plus: "M12 5v14M5 12h14",
  search: "M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14M16 16l5 5",
  back: "M15 5l-7 7l7 7",
  close: "M6 6l12 12M18 6L6 18",
  send: "M4 12h15M13 6l6 6l-6 6",
  attach: "M20 11l-8 8a5 5 0 0 1-7-7l8-8a3.5 3.5 0 0 1 5 5l-8 8a2 2 0 0 1-3-3l7-7",
  settings: "M4 7h10M18 7h2M4 12h4M12 12h8M4 17h10M18 17h2M16 5v4M10 10v4M16 15v4",
  people: "M9 11a3.5 3.5 0 1 0 0-7a3.5 3.5 0 0 0 0 7M2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14a6.5 6.5 0 0 1 3.5 6",
  invite: "M10 11a3.5 3.5 0 1 0 0-7a3.5 3.5 0 0 0 0 7M3 20a7 7 0 0 1 14 0M19 6v6M16 9h6",
  leave: "M14 4h5v16h-5M10 8l-4 4l4 4M6 12h9",
  reply: "M10 7l-5 5l5 5M5 12h9a5 5 0 0 1 5 5v1",
  react: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M8.5 10v.5M15.5 10v.5M8 14.5a5 5 0 0 0 8 0",
  edit: "M5 19l1-4L16.5 4.5l3 3L9 18zM14 7l3 3",
  delete: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
};

export const $ = (selector) => document.querySelector(selector);

// el("li", { class: "a", title: "b", onclick: f, data: { id: 1 } }, "text", node, null)
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "data") Object.assign(node.dataset, value);
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

export function fillIcons(root) {
  for (const node of root.querySelectorAll("[data-icon]")) {
    node.prepend(icon(node.dataset.icon));
    if (node.title) node.setAttribute("aria-label", node.title);
  }
}

// Have exactly `nodes` in `parent`, moving as few as can be: what has the focus keeps it.
export function arrange(parent, nodes) {
  let at = parent.firstChild;
  for (const node of nodes) {
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// Text with its web addresses as links.
export function linked(text) {
  const parts = text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'])/);
  return parts.map((part, odd) =>
    odd % 2 ? el("a", { href: part, target: "_blank", rel: "noopener noreferrer nofollow" }, part) : part,
  );
}

export function initials(name) {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.slice(0, 2).map((word) => [...word][0]).join("").toUpperCase() || "?";
}

export function avatar(id, name, picture = null) {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.codePointAt(0)) % 9973;
  const inside = picture ? el("img", { src: picture, alt: "" }) : initials(name);
  return el("span", { class: `avatar tint-${sum % 8}`, "aria-hidden": "true" }, inside);
}

export const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

export function day(at) {
  const date = new Date(at);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 864e5);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

let hiding = 0;
export function notice(text) {
  const box = $("#notice");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => (box.hidden = true), 6000);
}
