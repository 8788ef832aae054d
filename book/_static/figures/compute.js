// What the figures compute, in the order of operations of the package `rmsprop`.

/**
 * One step of gradient descent.
 * @param {number} theta
 * @param {number} g
 * @param {number} rate
 */
export function descend(theta, g, rate) {
  return theta - rate * g;
}
