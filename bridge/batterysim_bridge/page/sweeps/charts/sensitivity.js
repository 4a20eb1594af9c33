// How much of a column each varied one explains: Sobol's indices of a saltelli design, Morris's effects of a morris one.
// Nothing is guessed: a missing value is an error.

// values: of all points in order, one for each, as numbers. count: how many columns vary.
// Returns [{ firstOrder, total }, …]: shares of the variance, alone and with all interactions.
// As scipy.stats.sobol_indices does: first order after Saltelli et al. (2010), total after Jansen (1999).
export function sobolIndices(values, count) {
  const block = count + 2; // the point A, A with one value of B each, and B
  const samples = values.length / block;
  const at = (sample, place) => values[sample * block + place];
  let mean = 0;
  for (let sample = 0; sample < samples; sample += 1) mean += (at(sample, 0) + at(sample, block - 1)) / (2 * samples);
  let variance = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    variance += ((at(sample, 0) - mean) ** 2 + (at(sample, block - 1) - mean) ** 2) / (2 * samples);
  }
  return Array.from({ length: count }, (_, varied) => {
    let [first, total] = [0, 0];
    for (let sample = 0; sample < samples; sample += 1) {
      const [a, b, mixed] = [at(sample, 0), at(sample, block - 1), at(sample, varied + 1)];
      first += ((b - mean) * (mixed - a)) / samples;
      total += (a - mixed) ** 2 / (2 * samples);
    }
    return { firstOrder: variance ? first / variance : 0, total: variance ? total / variance : 0 };
  });
}

// varied: the values of each varied column, of all points in order; levels: those of the design.
// Returns [{ meanAbsolute, mean, standardDeviation }, …] in the unit of the values, for the whole range of what varies.
export function morrisEffects(values, varied, levels) {
  const length = varied.length + 1;
  const step = levels / (2 * (levels - 1));
  return varied.map((column) => {
    const effects = [];
    for (let start = 0; start < values.length; start += length) {
      for (let place = start + 1; place < start + length; place += 1) {
        const sign = Math.sign(column[place] - column[place - 1]);
        if (sign) effects.push((values[place] - values[place - 1]) / (sign * step));
      }
    }
    const mean = sum(effects) / effects.length;
    const deviation = Math.sqrt(sum(effects.map((effect) => (effect - mean) ** 2)) / (effects.length - 1));
    return { meanAbsolute: sum(effects.map(Math.abs)) / effects.length, mean, standardDeviation: deviation };
  });
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
