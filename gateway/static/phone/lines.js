// What was typed: numbers as people write them, service codes, and letters by pressing a key again.

/** E.164 where it can only be a Vietnamese mobile; anything else as typed, for the service to judge. */
export function dialled(typed) {
  const digits = typed.replace(/[\s.\-()]/g, "");
  const local = digits.match(/^(?:0|84|\+84|0084)([1-9]\d{8})$/);
  return local ? `+84${local[1]}` : digits;
}

export function spaced(phone) {
  const local = phone.match(/^\+84(\d{3})(\d{3})(\d{3})$/);
  return local ? `0${local[1]} ${local[2]} ${local[3]}` : phone;
}

/** A service code and the answers dialled at once with it (`*2404*2*1#`), or null when it is no code. */
export function serviceCall(line, ours) {
  if (!/^\*[\d*]*\d#$/.test(line)) return null;
  const stem = ours.slice(0, -1);
  if (ours && line.startsWith(`${stem}*`)) return { code: ours, heard: line.slice(stem.length + 1, -1).split("*") };
  return { code: line, heard: [] };
}

/** An IMEI of the test range, with its Luhn digit, the same each time for the same number. */
export function imei(phone) {
  const body = `00101001${phone.replace(/\D/g, "").slice(-6).padStart(6, "0")}`;
  const sum = [...body].reduce((total, digit, place) => {
    const value = place % 2 ? digit * 2 : +digit;
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

const LETTERS = {
  1: ".,?!1", 2: "abc2", 3: "def3", 4: "ghi4", 5: "jkl5", 6: "mno6", 7: "pqrs7", 8: "tuv8", 9: "wxyz9", 0: " 0", "*": "+*",
};
const AGAIN = 900; // ms within which the same key means the next letter
const MODES = ["abc", "ABC", "123"];

/** Letters from a keypad: the same key soon again turns the last letter into the next. Begins in the mode `first`. */
export function multitap(first = "abc") {
  let last = { key: "", at: 0, turn: 0, made: "" };
  let mode = MODES.indexOf(first);
  return {
    mode: () => MODES[mode],
    /** The text after pressing `key` at the moment `now` (ms); `#` changes between abc, ABC and 123. */
    press(text, key, now) {
      if (key === "#") {
        mode = (mode + 1) % MODES.length;
        return text;
      }
      if (MODES[mode] === "123") return text + key;
      const again = key === last.key && now - last.at < AGAIN && text !== "" && text === last.made;
      const turn = again ? (last.turn + 1) % LETTERS[key].length : 0;
      const letter = MODES[mode] === "ABC" ? LETTERS[key][turn].toUpperCase() : LETTERS[key][turn];
      last = { key, at: now, turn, made: (again ? text.slice(0, -1) : text) + letter };
      return last.made;
    },
  };
}
