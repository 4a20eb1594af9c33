// A value that changes often, as one that changes now and then: what depends on it is loaded again each time.
import { useEffect, useRef, useState } from "./html.js";

const SETTLE_MILLISECONDS = 5000;

export function useSettled(value) {
  const [settled, setSettled] = useState(value);
  const latest = useRef(value);
  latest.current = value;
  useEffect(() => {
    if (value === settled) return undefined;
    const timer = setTimeout(() => setSettled(latest.current), SETTLE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [value === settled]);
  return settled;
}
