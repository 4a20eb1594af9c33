// Whether a text may be a token, which must not get into the address, the history or a log.

// Names of objects have small letters, digits, hyphens and dots, in parts that people can tell apart.
const NAME_PART = /^[a-z0-9.-]*$/i;
const LONGEST_WORD = /[a-z0-9]{32}/i;
const BOOTSTRAP_TOKEN = /^[a-z0-9]{6}\.[a-z0-9]{16}$/;
const JWT = /\beyJ/; // {" in base64

export function looksLikeToken(text, ownToken) {
  const trimmed = text.trim();
  if (ownToken && trimmed && trimmed.includes(ownToken)) return true;
  return JWT.test(trimmed) || BOOTSTRAP_TOKEN.test(trimmed) || LONGEST_WORD.test(trimmed);
}

// Whether a text can be a part of a name.
export function isNamePart(text) {
  return NAME_PART.test(text.trim());
}
