// A call to the service code, hop by hop.

import { imei, multitap, serviceCall } from "./lines.js";
import { changed, given, note, phone } from "./state.js";
import { poll } from "./texts.js";
import { randomId, sentence, service } from "./wire.js";
import { say } from "./words.js";

export function dial(me) {
  const line = me.line || me.last;
  if (line === "*#06#") return note(me, `${say("imei")}\n${imei(me.number)}`);
  const call = serviceCall(line, given.code);
  if (!call) return note(me, given.code ? say("only_code", { code: given.code }) : say("no_code"));
  me.last = line;
  me.call = { id: randomId(), ...call };
  return hop(me);
}

async function hop(me) {
  const call = me.call;
  Object.assign(me, { view: "wait", line: "" });
  me.hop = { code: call.code, sent: call.heard.join("*"), fate: "was_waiting", screen: null };
  changed();
  try {
    const answer = await service.ussd(call, me.number);
    if (me.call === call) hear(me, answer);
  } catch (problem) {
    if (me.call !== call) return;
    me.hop = { ...me.hop, fate: "was_refused" };
    me.call = null;
    note(me, sentence(problem));
  }
  poll();
}

function hear(me, answer) {
  const [, kind, screen] = answer.match(/^(CON|END) ?([^]*)$/) || [];
  const fate = { CON: "stays_open", END: "has_ended" }[kind] ?? "was_refused";
  me.hop = { ...me.hop, fate, screen: screen ?? null };
  if (kind === "CON") {
    Object.assign(me, { view: "ussd", screen, answering: multitap("123") }); // most answers are a number
    changed({ newScreen: true });
  } else {
    me.call = null;
    note(me, kind ? screen : say("bad_code"));
  }
}

export function answerCall(me) {
  const answer = me.line.trim();
  if (!answer) return;
  me.call = { ...me.call, heard: [...me.call.heard, answer] };
  hop(me);
}

/** Back to the clock. A call that is open is given up without a word to the service. */
export function leave(me) {
  if (me.call) me.hop = { ...me.hop, fate: "was_dropped" };
  Object.assign(me, { call: null, view: "idle", line: "", reading: 0 });
}

/** The connection goes, as when a resident walks out of reach. */
export function drop() {
  const me = phone();
  if (!me.call) return;
  leave(me);
  note(me, say("dropped"));
  const body = document.getElementById("phone");
  body.classList.add("no-signal");
  setTimeout(() => body.classList.remove("no-signal"), 2_500);
}
