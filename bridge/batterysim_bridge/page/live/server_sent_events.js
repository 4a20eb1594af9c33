// The text of an event stream, piece by piece, as events: { event, id, data }.
// https://html.spec.whatwg.org/multipage/server-sent-events.html

export function createParser(onEvent) {
  let rest = "";
  let fields = {};
  return function push(text) {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (fields.data !== undefined) onEvent({ event: "message", ...fields });
        fields = {};
      } else {
        readLine(line, fields);
      }
    }
  };
}

function readLine(line, fields) {
  const colon = line.indexOf(":");
  if (colon === 0) return; // a comment
  const name = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
  if (name === "data" && fields.data !== undefined) fields.data += `\n${value}`;
  else if (name === "data" || name === "event" || name === "id") fields[name] = value;
}
