/**
 * The server's clock as this browser knows it. Whoever hears the server's time sets it; until then
 * the browser's own clock is all there is.
 * @module
 */

let offset = 0;

/**
 * @param {number} milliseconds the server's time since 1970
 * @param {number} [roundTrip] how long the question took, in milliseconds
 */
export function setServerTime(milliseconds, roundTrip = 0) {
  offset = milliseconds + roundTrip / 2 - Date.now();
}

/** @returns {number} the server's time in milliseconds since 1970 */
export function serverNow() {
  return Date.now() + offset;
}
