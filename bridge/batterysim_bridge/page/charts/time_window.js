// The part of an axis of time or frequency that is shown: [low, high], or null for the whole.

export function zoomed([low, high], factor, whole) {
  const middle = (low + high) / 2;
  const half = ((high - low) / 2) * factor;
  return within([middle - half, middle + half], whole);
}

// On a logarithmic axis.
export function zoomedByRatio([low, high], factor, whole) {
  const middle = Math.sqrt(low * high);
  const half = (high / low) ** (factor / 2);
  return within([middle / half, middle * half], whole);
}

export function shifted([low, high], part, whole) {
  const step = (high - low) * part;
  const least = whole[0] - low;
  const most = whole[1] - high;
  const by = Math.min(most, Math.max(least, step));
  return [low + by, high + by];
}

// Null when nothing is left out.
export function within([low, high], whole) {
  const clipped = [Math.max(low, whole[0]), Math.min(high, whole[1])];
  return clipped[0] <= whole[0] && clipped[1] >= whole[1] ? null : clipped;
}
