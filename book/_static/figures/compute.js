// What the figures compute, in the order of operations of the package `rmsprop`.
//
// IEEE 754 rounds + - * / and the square root alike everywhere, so every number here is
// the package's to the last bit; tests/test_figures.py compares them. Powers, sines and
// logarithms are not rounded alike: only what is predicted and labels use them.

/**
 * A setting: the knobs of all figures, of which each uses a few.
 * @typedef {Record<string, number>} Setting
 */

/**
 * The state of one coordinate, and its step.
 * @typedef {object} Rule
 * @property {(theta: number, g: number) => number} update the parameter after a step
 * @property {number[]} state what the rule remembers
 */

/** Gradient descent: theta - rate g. */
export class GradientDescent {
  /** @type {number[]} */
  state = [];

  /** @param {Setting} p */
  constructor({ rate }) {
    this.rate = rate;
  }

  /** @param {number} theta @param {number} g */
  update(theta, g) {
    return theta - this.rate * g;
  }
}

/** Momentum: v = mu v + g, then theta - rate v. */
export class Momentum {
  state = [0];

  /** @param {Setting} p */
  constructor({ rate, momentum = 0.9 }) {
    this.rate = rate;
    this.momentum = momentum;
  }

  /** @param {number} theta @param {number} g */
  update(theta, g) {
    const v = this.momentum * this.state[0] + g;
    this.state = [v];
    return theta - this.rate * v;
  }
}

/** RMSprop: G = gamma G + (1 - gamma) g g, then theta - eta g / sqrt(G + eps). */
export class RMSprop {
  /** @param {Setting} p */
  constructor({ eta, decay = 0.9, eps = 1e-8, G0 = 0 }) {
    this.eta = eta;
    this.decay = decay;
    this.eps = eps;
    this.state = [G0];
  }

  /** @param {number} theta @param {number} g */
  update(theta, g) {
    const G = this.decay * this.state[0] + (1 - this.decay) * (g * g);
    this.state = [G];
    return theta - (this.eta * g) / Math.sqrt(G + this.eps);
  }
}

/** Adam: RMSprop on an averaged gradient, both means corrected for their start. */
export class Adam {
  state = [0, 0];

  /** @param {Setting} p */
  constructor({ eta, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }) {
    this.eta = eta;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.eps = eps;
    this.power1 = powers(beta1);
    this.power2 = powers(beta2);
  }

  /** @param {number} theta @param {number} g */
  update(theta, g) {
    const m = this.beta1 * this.state[0] + (1 - this.beta1) * g;
    const v = this.beta2 * this.state[1] + (1 - this.beta2) * (g * g);
    this.state = [m, v];
    const mean = m / (1 - this.power1());
    const square = v / (1 - this.power2());
    return theta - (this.eta * mean) / (Math.sqrt(square) + this.eps);
  }
}

export const RULES = { GradientDescent, Momentum, RMSprop, Adam };

/**
 * Return a function whose every call gives the next power of x, as Python's ** does.
 *
 * A browser's own ** misses the last bit once in ten powers. Here the product is kept as
 * high + low, with twice the digits, and high is its rounding.
 * @param {number} x
 */
export function powers(x) {
  const [xHigh, xLow] = halves(x);
  let high = 1;
  let low = 0;
  return () => {
    const product = high * x;
    const [h, l] = halves(high);
    const missed = h * xHigh - product + h * xLow + l * xHigh + l * xLow + low * x;
    high = product + missed;
    low = missed - (high - product);
    return high;
  };
}

/** Split the 53 digits of a number into two halves (Dekker). @param {number} a */
function halves(a) {
  const c = 134217729 * a; // 2**27 + 1
  const high = c - (c - a);
  return [high, a - high];
}

/**
 * What a run computed: theta[0] is the start, theta[t] follows step t.
 * @typedef {object} Run
 * @property {number[][]} theta
 * @property {number[][]} grad grad[t - 1] was taken at theta[t - 1]
 * @property {number[][][]} state after each step, a list for each coordinate
 */

/**
 * Take steps from a start. The run ends early where a number is not finite.
 * @param {(theta: number[], t: number) => number[]} grad
 * @param {number[]} start
 * @param {() => Rule} make makes the rule of one coordinate
 * @param {number} steps
 * @param {((t: number) => number)} [schedule] eta of step t = 1, 2, ...
 * @returns {Run}
 */
export function minimize(grad, start, make, steps, schedule) {
  const rules = start.map(make);
  /** @type {Run} */
  const run = { theta: [start], grad: [], state: [] };
  for (let t = 1; t <= steps; t++) {
    if (schedule) rules.forEach((rule) => Object.assign(rule, { eta: schedule(t) }));
    const now = run.theta[t - 1];
    const g = grad(now, t);
    const next = now.map((x, i) => rules[i].update(x, g[i]));
    const state = rules.map((rule) => rule.state);
    if (![g, ...state, next].every((part) => part.every(Number.isFinite))) break;
    run.theta.push(next);
    run.grad.push(g);
    run.state.push(state);
  }
  return run;
}

// --- The valley ---------------------------------------------------------------------

/** Return H11, H12 and H22 of the turned valley, as `Quadratic.hessian`; degrees. */
export function hessian(/** @type {Setting} */ { condition: k, angle = 0 }) {
  const a = angle * (Math.PI / 180);
  const [c, s] = angle === 0 ? [1, 0] : [Math.cos(a), Math.sin(a)];
  return [c * c + k * s * s, (1 - k) * c * s, s * s + k * c * c];
}

/**
 * Run a method in the valley, all gradients times `scale`.
 * @param {Setting} p
 * @param {keyof typeof RULES} method
 */
export function valley(p, method) {
  const [a, b, d] = hessian(p);
  const c = p.scale ?? 1;
  /** @param {number[]} theta */
  const grad = ([x, y]) => [c * (a * x + b * y), c * (b * x + d * y)];
  return minimize(grad, [p.x, p.y], () => new RULES[method](p), p.steps);
}

/** The distance from the origin. @param {number[]} theta */
export const distance = ([x, y]) => Math.sqrt(x * x + y * y);

/**
 * Where RMSprop ends in the valley: sqrt(G_i)/eta = half the sum of |H_ij|, and each
 * coordinate jumps between eta/2 and -eta/2 (chapter 9).
 * @param {Setting} p
 */
export function settled(p) {
  const c = p.scale ?? 1;
  const [a, b, d] = hessian(p).map(Math.abs);
  return { half: p.eta / 2, divisors: [(c * (a + b)) / 2, (c * (b + d)) / 2] };
}

/**
 * What gradient descent leaves of the distance after t steps, by its factors 1 - rate h.
 * @param {Setting} p
 * @param {number} t
 */
export function descended(p, t) {
  const a = (p.angle ?? 0) * (Math.PI / 180);
  const [c, s] = [Math.cos(a), Math.sin(a)];
  const rate = p.rate * (p.scale ?? 1);
  const along = (c * p.x + s * p.y) * (1 - rate) ** t;
  const across = (c * p.y - s * p.x) * (1 - rate * p.condition) ** t;
  return Math.hypot(along, across);
}

// --- One coordinate -----------------------------------------------------------------

/** Run RMSprop on h theta^2 / 2 from x. @param {Setting} p */
export function parabola(p) {
  return minimize(
    ([x]) => [p.h * x],
    [p.x],
    () => new RMSprop(p),
    p.steps,
  );
}

/** The half-width of its cycle (chapter 4). @param {Setting} p */
export function cycle({ eta, eps, h }) {
  return Math.sqrt(Math.max((eta * eta) / 4 - eps / (h * h), 0));
}

/** The article's run: half of (y - w x)^2. @param {Setting} p */
export function article({ x, y, w = 0, ...p }) {
  const steps = p.steps;
  return minimize(
    ([v]) => [(y - v * x) * -x],
    [w],
    () => new RMSprop(p),
    steps,
  );
}

/**
 * Follow gradients that are given, from 0.
 * @param {number[]} gradients
 * @param {Setting} p
 */
export function follow(gradients, p) {
  const make = () => new RMSprop(p);
  return minimize((_, t) => [gradients[t - 1]], [0], make, gradients.length);
}

/** The length of each step of a run in one coordinate. @param {Run} run */
export const lengths = (run) =>
  run.grad.map((_, t) => run.theta[t][0] - run.theta[t + 1][0]);

/** The weight of a square that is k steps old. @param {number} decay @param {number} k */
export const weight = (decay, k) => (1 - decay) * decay ** k;

/** A step over eta where G = g^2, with eps under the root. */
export const under = (/** @type {number} */ eps, /** @type {number} */ g) =>
  g / Math.sqrt(g * g + eps);

/** The same with eps beside the root. */
export const beside = (/** @type {number} */ eps, /** @type {number} */ g) =>
  g / (g + eps);

/** After how many steps a weight has halved. @param {number} decay */
export const halfLife = (decay) => Math.log(2) / Math.log(1 / decay);

/**
 * The lengths of steps under blocks of constant gradients, over eta, as predicted.
 * @param {[g: number, count: number][]} blocks
 * @param {Setting} p
 */
export function predicted(blocks, { decay, G0 = 0 }) {
  let start = G0;
  return blocks.flatMap(([g, count]) => {
    /** @param {number} k */
    const G = (k) => decay ** k * start + (1 - decay ** k) * (g * g);
    const block = Array.from({ length: count }, (_, i) => g / Math.sqrt(G(i + 1)));
    start = G(count);
    return block;
  });
}

/**
 * The same steps divided by the root of the sum of all squares, and of their mean.
 * @param {number[]} gradients
 */
export function unforgetting(gradients) {
  let total = 0;
  const sums = gradients.map((g) => (total += g * g));
  return {
    sum: sums.map((S, i) => gradients[i] / Math.sqrt(S)),
    mean: sums.map((S, i) => gradients[i] / Math.sqrt(S / (i + 1))),
  };
}

/** Step t over eta under a constant gradient g. @param {Setting} p @param {number} t */
export function early({ decay, G0 = 0, g }, t) {
  const left = decay ** t;
  return 1 / Math.sqrt((left * G0) / (g * g) + 1 - left);
}

/**
 * Gradients of 1 after a single one of `size`; before it were so many ones that G is 1.
 * @param {Setting} p
 */
export function outlier({ decay, size, steps }) {
  const feed = Array.from({ length: steps + 1 }, (_, k) => (k ? 1 : size));
  return lengths(follow(feed, { eta: 1, decay, eps: 0, G0: 1 })).slice(1);
}

/** After how many steps they are 0.9 of a rate long again. @param {Setting} p */
export function recovery({ decay, size }) {
  const most = 1 / 0.81 - 1;
  const excess = ((1 - decay) * (size * size - 1)) / most;
  return Math.max(Math.log(excess) / Math.log(1 / decay), 0);
}

/** Step k after one gradient of `size` among ones. @param {Setting} p @param {number} k */
export function after({ decay, size }, k) {
  return 1 / Math.sqrt(1 + weight(decay, k) * (size * size - 1));
}

// --- Falling rates and skewed noise ---------------------------------------------------

/** The rate of step t = 1, 2, ... of N, over the first one, as in chapter 9. */
export const FALLS = {
  constant: () => 1,
  "1/√t": (/** @type {number} */ t) => 10 / Math.sqrt(t),
  "1/t": (/** @type {number} */ t) => 50 / (49 + t),
  linear: (/** @type {number} */ t, /** @type {number} */ N) => 1 - (t - 1) / N,
  cosine: (/** @type {number} */ t, /** @type {number} */ N) =>
    (1 + Math.cos((Math.PI * (t - 1)) / N)) / 2,
  geometric: (/** @type {number} */ t, /** @type {number} */ N) =>
    1e-6 ** ((t - 1) / N),
};

/**
 * The rates of a falling run.
 * @param {keyof typeof FALLS} fall
 * @param {Setting} p
 */
export const rates = (fall, { eta, steps }) =>
  Array.from({ length: steps }, (_, i) => eta * FALLS[fall](i + 1, steps));

/**
 * RMSprop in the valley at these rates.
 * @param {number[]} eta
 * @param {Setting} p
 */
export function falling(eta, p) {
  const [a, b, d] = hessian(p);
  /** @param {number[]} theta */
  const grad = ([x, y]) => [a * x + b * y, b * x + d * y];
  const make = () => new RMSprop(p);
  return minimize(grad, [p.x, p.y], make, p.steps, (t) => eta[t - 1]);
}

/** Uniform numbers in [0, 1) from a seed: Mulberry32. @param {number} seed */
export function uniform(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Noise of mean 0: 1 mostly, and once in 1/chance draws so low that the mean is 0.
 * @param {number} chance
 * @param {number} count
 * @param {number} seed
 */
export function skewed(chance, count, seed) {
  const draw = uniform(seed);
  const low = 1 - 1 / chance;
  return Array.from({ length: count }, () => (draw() < chance ? low : 1));
}

/**
 * RMSprop on w^2 / 2 with noise in the gradient and a rate that falls like 1/t.
 * @param {number[]} noise
 * @param {Setting} p
 */
export function noisy(noise, p) {
  const make = () => new RMSprop(p);
  const grad = (/** @type {number[]} */ [w], /** @type {number} */ t) => [
    w + noise[t - 1],
  ];
  return minimize(grad, [p.x], make, noise.length, (t) => p.eta / (1 + t / 50));
}

/** Where it rests, to first order in 1 - decay (chapter 9). @param {Setting} p */
export const misplaced = ({ decay, chance }) => ((1 - decay) / 2) * (2 - 1 / chance);

// --- Printed as Python prints ---------------------------------------------------------

/** Python's f"{value:.6f}": a tie goes to the even digit, and -0 keeps its sign. */
export function fixed(/** @type {number} */ value, digits = 6) {
  let text = Math.abs(value).toFixed(digits);
  const twice = Math.abs(value) * 2 ** (digits + 1);
  const tie = Number.isInteger(twice) && twice % 2 === 1;
  if (tie && "13579".includes(text.slice(-1))) {
    text = text.replace(/\d$/, (digit) => String(Number(digit) - 1));
  }
  return (value < 0 || Object.is(value, -0) ? "-" : "") + text;
}

/** The line of step t in the article's table. @param {Run} run @param {number} t */
export function line(run, t) {
  const [g, G, w] = [run.grad[t - 1][0], run.state[t - 1][0][0], run.theta[t][0]];
  return `Iter ${t}: g=${fixed(g)}, G=${fixed(G)}, w=${fixed(w)}`;
}
