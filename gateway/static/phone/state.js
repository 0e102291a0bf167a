// Where each number stands: one phone for each, and the one that is held now.

export const given = JSON.parse(document.getElementById("given").textContent);

const phones = new Map();
let held = localStorage.getItem("phone.number") || given.people[0].phone;
let redraw = () => {};

function fresh(number) {
  return {
    number,
    view: "idle", // see screens.js
    line: "", // what is being typed: a code, an answer
    answering: null, // digits or letters, anew for each screen that waits for an answer
    screen: "", // of the service, or a note of our own
    call: null, // id, code, heard: all answers so far
    last: given.code, // dialled last
    hop: null, // what last went over the wire
    texts: [], // newest last
    known: null, // ids seen in the inbox, once it was read
    unread: [],
    chosen: 0, // row of the list
    reading: 0, // id of the open text
    draft: "",
  };
}

/** The phone that is held now. */
export function phone() {
  if (!phones.has(held)) phones.set(held, fresh(held));
  return phones.get(held);
}

export function hold(number) {
  held = number;
  localStorage.setItem("phone.number", number);
}

export function drawWith(draw) {
  redraw = draw;
}

/** Call after any change; a new screen is read from its top. */
export function changed({ newScreen = false } = {}) {
  redraw();
  if (newScreen) document.getElementById("glass").scrollTop = 0;
}

/** Shows a sentence with OK below it. */
export function note(me, screen) {
  Object.assign(me, { view: "note", screen, line: "" });
  changed({ newScreen: true });
}
