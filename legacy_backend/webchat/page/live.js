// The WebSocket: hears what happens, and goes on where it left off when the line was cut.

const LOGGED_OUT = 4001;
const FAILED = 1011;

let socket = null;
let cursor = "";
let wait = 500;
let timer = 0;

// `heard(event)` gets all in order; if it fails, all is fetched anew. `left()`: the session is over.
export function connect(heard, left) {
  const url = new URL("/api/socket", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  if (cursor) url.searchParams.set("since", cursor);
  const mine = (socket = new WebSocket(url));
  mine.onmessage = (frame) => {
    const event = JSON.parse(frame.data);
    if (event.cursor) cursor = event.cursor;
    if (event.event === "hello") {
      document.body.dataset.link = "up";
    }
    heard(event).then(
      () => event.event === "hello" && (wait = 500),
      () => mine === socket && startOver(),
    );
  };
  mine.onclose = (closed) => {
    if (mine !== socket) return;
    document.body.dataset.link = "down";
    if (closed.code === FAILED) cursor = ""; // what follows it would fail again
    if (closed.code === LOGGED_OUT) return left();
    timer = setTimeout(() => connect(heard, left), wait * (0.5 + Math.random()));
    wait = Math.min(wait * 2, 15000);
  };
}

// Something could not be fetched: connect again after a while, as if for the first time.
export function startOver() {
  cursor = "";
  socket?.close();
}

export function disconnect() {
  clearTimeout(timer);
  cursor = "";
  const old = socket;
  socket = null;
  old?.close();
}
