// Texts: the inbox as it fills, what is unread, and sending one.

import { changed, note, phone } from "./state.js";
import { sentence, service } from "./wire.js";
import { say } from "./words.js";

const EVERY = 2_000; // ms
let timer = 0;
const confirmed = new Set();

/** Reads the inbox now, and again every two seconds while the page can be seen. */
export async function poll() {
  const me = phone();
  if (document.visibilityState === "visible" && /^\+84\d{9}$/.test(me.number)) {
    const texts = await service.inbox(me.number);
    if (texts) arrive(me, texts);
  }
  clearTimeout(timer);
  timer = setTimeout(poll, EVERY);
}

function arrive(me, texts) {
  const received = texts.filter((text) => text.direction === "out");
  const isNew = me.known && received.some((text) => !me.known.has(text.id));
  const read = marks(me.number);
  me.known = new Set(received.map((text) => text.id));
  me.unread = received.filter((text) => !read.includes(mark(text))).map((text) => text.id);
  me.texts = texts;
  received.filter((text) => text.status === "SENT").forEach(confirm);
  if (isNew && me === phone()) ring();
  changed();
}

/** The phone tells the network that the text is here, as a carrier's receipt would. */
function confirm(text) {
  if (confirmed.has(text.id)) return;
  confirmed.add(text.id);
  service.delivered(text.id).catch(() => confirmed.delete(text.id));
}

/** Which texts of this number were opened; with the moment, because a database made anew counts its ids from 1 again. */
const marks = (number) => JSON.parse(localStorage.getItem(`phone.read.${number}`) || "[]");
const mark = (text) => `${text.id}@${text.at}`;

function ring() {
  const body = document.getElementById("phone");
  body.classList.remove("rings");
  void body.offsetWidth; // so that the movement starts again
  body.classList.add("rings");
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) navigator.vibrate?.([120, 80, 120]);
}

export function read(me, text) {
  me.unread = me.unread.filter((id) => id !== text.id);
  const opened = me.texts.filter((one) => one.direction === "out" && !me.unread.includes(one.id));
  localStorage.setItem(`phone.read.${me.number}`, JSON.stringify(opened.map(mark)));
  Object.assign(me, { view: "read", reading: text.id });
  changed({ newScreen: true });
}

export function write(me) {
  Object.assign(me, { view: "write", reading: 0 });
  changed();
  if (matchMedia("(pointer: fine)").matches) document.getElementById("draft").focus();
}

export async function sendText(me) {
  const text = me.draft.trim();
  if (!text) return;
  me.view = "sending";
  changed();
  try {
    await service.sms(me.number, text);
    me.draft = "";
    note(me, say("sent"));
  } catch (problem) {
    note(me, sentence(problem));
  }
  poll();
}
