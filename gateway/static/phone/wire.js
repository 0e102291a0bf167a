// What the handset says to the service, and what comes back: the same form posts as a carrier's.

import { given } from "./state.js";
import { say } from "./words.js";

const PATIENCE = 30_000; // ms; operators give up between 60 and 180 s

export class NoAnswer extends Error {
  /** `sentence` is plain and may be shown; empty when the service could not be reached. */
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
    this.sentence = sentence;
  }
}

/** What the resident reads when no screen came back. */
export const sentence = ({ status, sentence: said }) => said || (status ? say("trouble", { status }) : say("no_network"));

export function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function post(address, form) {
  let response, body;
  try {
    response = await fetch(address, {
      method: "POST",
      body: new URLSearchParams(form),
      signal: AbortSignal.timeout(PATIENCE),
    });
    body = await response.text();
  } catch {
    throw new NoAnswer(0, "");
  }
  if (response.ok) return body;
  const plain = (response.headers.get("Content-Type") || "").startsWith("text/plain") && body.length <= 300;
  throw new NoAnswer(response.status, plain ? body.replace(/^(CON|END) /, "").trim() : "");
}

export const service = {
  /** One hop of a call. `text` is everything answered so far, joined with `*`. */
  ussd: (call, phone) =>
    post(`${given.root}/ussd/simulator`, {
      sessionId: call.id,
      phoneNumber: phone,
      serviceCode: call.code,
      text: call.heard.join("*"),
      networkCode: "45204",
    }),

  sms: (phone, text) => post(`${given.root}/sms/simulator`, { from: phone, text, id: randomId() }),

  delivered: (message) => post(`${given.root}/receipts/simulator`, { message, status: "delivered" }),

  /** The texts of this number, newest last; null when they cannot be read now. */
  async inbox(phone) {
    try {
      const response = await fetch(`${given.root}/phone/inbox?phone=${encodeURIComponent(phone)}`);
      return response.ok ? (await response.json()).messages : null;
    } catch {
      return null;
    }
  },
};
