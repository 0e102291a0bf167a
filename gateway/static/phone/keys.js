// What each key means in each view; by finger, by mouse and by keyboard.

import { answerCall, dial, leave } from "./calls.js";
import { multitap } from "./lines.js";
import { newestFirst } from "./screens.js";
import { changed, given, phone } from "./state.js";
import { read, sendText, write } from "./texts.js";

export const letters = multitap();
const LONGEST = 60; // characters of a code or an answer
const glass = document.getElementById("glass");

const LEFT = {
  idle: (me) => (me.unread.length ? read(me, me.texts.find((text) => text.id === me.unread[0])) : list(me)),
  dial,
  ussd: answerCall,
  note: leave,
  list: (me) => (me.chosen ? read(me, newestFirst(me)[me.chosen - 1]) : write(me)),
  read: write,
  write: sendText,
};

const RIGHT = {
  idle: fill,
  dial: erase,
  wait: leave,
  ussd: (me) => (me.line ? erase(me) : leave(me)),
  list: leave,
  read: list,
  write: (me) => (me.draft ? erase(me) : list(me)),
};

function list(me) {
  Object.assign(me, { view: "list", chosen: me.texts.length ? 1 : 0, reading: 0 });
  changed({ newScreen: true });
}

/** The service code, ready to be called. */
export function fill(me) {
  if (!me.call && given.code) Object.assign(me, { view: "dial", line: given.code });
}

function erase(me) {
  if (me.view === "write") me.draft = me.draft.slice(0, -1);
  else me.line = me.line.slice(0, -1);
  if (me.view === "dial" && !me.line) me.view = "idle";
}

/** The green key: what the left soft key does, and from the clock the number dialled last. */
function call(me) {
  if (me.view !== "idle") LEFT[me.view]?.(me);
  else if (me.last) Object.assign(me, { view: "dial", line: me.last });
}

function type(me, key) {
  if (me.view === "write") me.draft = letters.press(me.draft, key, Date.now());
  else if (me.view === "ussd") me.line = me.answering.press(me.line, key, Date.now()).slice(0, LONGEST);
  else if (me.view === "dial") me.line = (me.line + key).slice(0, LONGEST);
  else if (me.view === "idle" || me.view === "note") Object.assign(me, { view: "dial", line: key });
}

/** One sign more of an answer, from the keyboard. */
function add(sign) {
  const me = phone();
  me.line = (me.line + sign).slice(0, LONGEST);
  changed();
}

function move(me, way) {
  if (me.view !== "list") return glass.scrollBy({ top: way * 60 });
  me.chosen = Math.max(0, Math.min(me.texts.length, me.chosen + way));
  changed();
  glass.querySelector("[aria-current]").scrollIntoView({ block: "nearest" });
}

const NAMED = {
  left: (me) => LEFT[me.view]?.(me),
  right: (me) => RIGHT[me.view]?.(me),
  call,
  end: leave,
  erase,
  up: (me) => move(me, -1),
  down: (me) => move(me, 1),
};

export function press(key) {
  const me = phone();
  if (NAMED[key]) NAMED[key](me);
  else type(me, key);
  changed();
}

const KEYBOARD = { Enter: "call", Escape: "end", Backspace: "erase", ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };

/** An answer to a screen is typed as on any keyboard, whatever the keypad is set to. A space on a button presses it. */
function typed(event) {
  const at = event.target;
  if (phone().view !== "ussd" || event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return false;
  return !event.isComposing && !at.matches("input, a") && !(event.key === " " && at.matches("button"));
}

/** Which key of the phone a key of the keyboard stands for here, or none. */
function meant(event) {
  const at = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || at.matches("input, a")) return null;
  if (at.id === "draft") return event.key === "Escape" ? "end" : event.key === "Enter" && !event.shiftKey ? "call" : null;
  if (at.matches("button:enabled") && event.key === "Enter") return null;
  if (/^Arrow(Up|Down)$/.test(event.key) && phone().view !== "list" && glass.scrollHeight <= glass.clientHeight) return null;
  if (/^[\d*#]$/.test(event.key)) return event.key;
  return KEYBOARD[event.key] ?? null;
}

export function listen() {
  const body = document.getElementById("phone");
  document.addEventListener("keydown", (event) => {
    const literal = typed(event);
    const key = literal ? event.key : meant(event);
    if (key === null) return;
    event.preventDefault();
    body.querySelector(`[data-key="${CSS.escape(key)}"]`)?.classList.add("pressed");
    if (literal) add(key);
    else press(key);
  });
  document.addEventListener("keyup", () => body.querySelectorAll(".pressed").forEach((key) => key.classList.remove("pressed")));
  body.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key], [data-press]");
    const row = event.target.closest("[data-row]");
    if (row) phone().chosen = Number(row.dataset.row);
    if (key || row) press(key ? (key.dataset.key ?? key.dataset.press) : "left");
  });
  // A button pressed by mouse or finger does not take the focus, so that Enter still calls.
  document.addEventListener("mousedown", (event) => {
    if (!event.target.closest("button, [data-press]")) return;
    event.preventDefault();
    if (document.activeElement.matches("input")) document.activeElement.blur();
  });
}
