// Puts the two sides next to each other, or says how to reach the one that cannot be shown here.

const { webchat, who, account, converse } = await (await fetch("/demo.json")).json();

function frame(title, address) {
  const it = document.createElement("iframe");
  it.title = title;
  it.src = address;
  return it;
}

function instead(...parts) {
  const it = document.createElement("div");
  it.className = "instead";
  it.append(...parts);
  return it;
}

function paragraph(words) {
  const it = document.createElement("p");
  it.textContent = words;
  return it;
}

function list(facts) {
  const it = document.createElement("dl");
  for (const [name, value] of Object.entries(facts)) {
    const term = document.createElement("dt");
    const words = document.createElement("dd");
    term.textContent = name;
    words.textContent = value;
    it.append(term, words);
  }
  return it;
}

document.getElementById("web-who").textContent = `as ${who.webchat}`;
document.getElementById("xmpp-who").textContent = `as ${who.xmpp}`;
document.getElementById("webchat").append(frame("Web chat", webchat));

document.getElementById("client").append(
  converse
    ? frame("XMPP client", "/client.html")
    : instead(
        paragraph("Converse.js is not installed here (it comes from npm). Any XMPP client will do:"),
        list(account),
      ),
);
