// A value of the manifest as the text in a control, and back. YAML may have put anything there.

export function textOf(value) {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

// Text that is no number goes to the bridge as it is, which says what is wrong with it. "3,600" is no number,
// because it means 3600 to some and 3.6 to others; "3,5" and "0,125" are clear.
export function numberOf(text) {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  const hasDecimalComma = /^-?(0,\d+|\d+,(?!\d{3}$)\d+)$/.test(trimmed);
  const number = Number(hasDecimalComma ? trimmed.replace(",", ".") : trimmed);
  return Number.isFinite(number) ? number : trimmed;
}

// Without the last digits, which are wrong in binary: 1.1 h are 3960 s, not 3960.0000000000005.
export function rounded(number) {
  return Number(number.toPrecision(12));
}

export function linesOf(value) {
  if (Array.isArray(value)) return value.map(textOf);
  return textOf(value).split("\n").map((line) => line.trim()).filter(Boolean);
}
