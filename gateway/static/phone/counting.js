// How long a text is on the wire; the alphabet comes from the server, so that both sides count alike.

export function counter({ basic, extended }) {
  const plain = new Set(basic);
  const escaped = new Set(extended);

  /** Encoding, length in septets or UCS-2 units, parts as an SMS, and the room of each part. */
  return function count(text) {
    const letters = [...text];
    const gsm = letters.every((letter) => plain.has(letter) || escaped.has(letter));
    const sizes = letters.map((letter) => (gsm ? (escaped.has(letter) ? 2 : 1) : letter.length));
    const length = sizes.reduce((sum, size) => sum + size, 0);
    const [single, many] = gsm ? [160, 153] : [70, 67];
    let parts = 1;
    if (length > single) {
      let left = many;
      for (const size of sizes) {
        if (size > left) [parts, left] = [parts + 1, many];
        left -= size;
      }
    }
    return { encoding: gsm ? "GSM-7" : "UCS-2", length, parts, room: parts > 1 ? many : single };
  };
}
