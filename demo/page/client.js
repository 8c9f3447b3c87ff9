// Converse.js, logged in to the account of the demo.

import "/converse/converse.min.js";

const settings = await (await fetch("/client.json")).json();
window.converse.initialize(settings);
