// An operator's message centre of the tests' own: takes a bind, says what it received, sends what it is told.
// Lines of JSON on stdin ({from, to, text, coding, tlvs: {op, its}}) become deliver_sm; {does} says what is done with every
// text from then on: "deliver", "refuse", "expire". Each event is a line of JSON on stdout.
"use strict";
const readline = require("readline");
const smpp = require("smpp");

const [port, password] = process.argv.slice(2);
const say = (event) => process.stdout.write(JSON.stringify(event) + "\n");
const listening = new Set(); // sessions that asked to receive
let counted = 0;
let does = "deliver";

const words = (message) => {
  const text = message && message.message !== undefined ? message.message : message;
  return Buffer.isBuffer(text) ? text.toString("hex") : text;
};
const hex = (value) => (Buffer.isBuffer(value) ? value.toString("hex") : value);

function partsToCome(message) {
  const header = message && message.udh && message.udh[0]; // reference, how many, which
  return header ? header[header.length - 2] - header[header.length - 1] : 0;
}

function bound(session, pdu, receives) {
  if (pdu.password !== password) {
    say({ event: "refused", system_id: pdu.system_id });
    session.send(pdu.response({ command_status: smpp.ESME_RINVPASWD }));
    session.close();
    return;
  }
  session.send(pdu.response({ system_id: "tests" }));
  if (receives) listening.add(session);
  say({ event: "bound", as: pdu.command });
}

function submitted(session, pdu) {
  const id = `smsc-${++counted}`;
  const refused = does === "refuse";
  session.send(pdu.response(refused ? { command_status: smpp.ESME_RINVDSTADR } : { message_id: id }));
  say({
    event: "submitted", id, from: pdu.source_addr, to: pdu.destination_addr, coding: pdu.data_coding,
    text: words(pdu.short_message), more: partsToCome(pdu.short_message), service: pdu.service_type,
    op: pdu.ussd_service_op, its: hex(pdu.its_session_info), receipt: pdu.registered_delivery,
    until: pdu.validity_period,
  });
  if (pdu.registered_delivery & 1 && !refused) {
    const [stat, state] = does === "expire" ? ["EXPIRED", 3] : ["DELIVRD", 2];
    const receipt = `id:${id} sub:001 dlvrd:001 submit date:2404120900 done date:2404120901 stat:${stat} err:000 text:`;
    for (const other of listening) {
      other.deliver_sm({
        esm_class: 4, source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, short_message: receipt,
        receipted_message_id: id, message_state: state,
      });
    }
  }
}

const server = smpp.createServer((session) => {
  session.on("error", () => {});
  session.on("close", () => listening.delete(session));
  session.on("bind_transceiver", (pdu) => bound(session, pdu, true));
  session.on("bind_receiver", (pdu) => bound(session, pdu, true));
  session.on("bind_transmitter", (pdu) => bound(session, pdu, false));
  session.on("submit_sm", (pdu) => submitted(session, pdu));
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => { session.send(pdu.response()); session.close(); });
});
server.listen(Number(port), "127.0.0.1", () => say({ event: "listening" }));

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const told = JSON.parse(line);
  if (told.does) { does = told.does; return; }
  const { from, to, text, coding = 0, tlvs = {} } = told;
  const more = {};
  if (tlvs.op !== undefined) more.ussd_service_op = tlvs.op;
  if (tlvs.its !== undefined) more.its_session_info = Buffer.from(tlvs.its, "hex");
  const [first] = listening;
  if (!first) return say({ event: "nobody bound" });
  first.deliver_sm({
    source_addr_ton: 1, source_addr_npi: 1, source_addr: from, destination_addr: to, data_coding: coding, short_message: text,
    service_type: tlvs.op === undefined ? "" : "USSD", ...more,
  }, (answer) => say({ event: "taken", status: answer.command_status }));
});
