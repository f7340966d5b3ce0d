/**
 * Time left, true to the server's clock. The exact end with its zone stays beside it in words.
 * @module
 */
import { serverNow } from "./clock.js";
import { duration, word } from "./words.js";

const URGENT = 120_000;

/** Fired on a countdown's element once when its end has come. */
export const ENDED = "countdown:ended";

export function startCountdowns() {
  tick();
  setInterval(tick, 500);
  document.addEventListener("visibilitychange", tick);
}

export function tick() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("time[data-countdown]")) show(/** @type {HTMLTimeElement} */ (element));
}

/** @param {HTMLTimeElement} element */
function show(element) {
  if (!element.title && element.textContent?.trim()) element.title = element.textContent.trim();
  const left = Date.parse(element.dateTime) - serverNow();
  element.toggleAttribute("data-urgent", left > 0 && left < URGENT);
  if (left > 0) {
    const text = duration(left);
    if (element.textContent !== text) element.textContent = text;
    element.removeAttribute("data-ended");
  } else if (!element.hasAttribute("data-ended")) {
    element.setAttribute("data-ended", "");
    element.replaceChildren(word("closing") ?? "–");
    element.dispatchEvent(new CustomEvent(ENDED, { bubbles: true }));
  }
}
