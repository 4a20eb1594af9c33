// How long to wait before the next request: twice as long each time, not all pages at the same moment.
const FIRST_SECONDS = 1;
const LONGEST_SECONDS = 30;

export function delaySeconds(failures, askedSeconds, random = Math.random) {
  const longest = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** (failures - 1));
  return Math.max(askedSeconds ?? 0, longest * (0.5 + random() / 2));
}
