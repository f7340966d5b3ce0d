/**
 * Falling clocks, true to the server's: what they show, what a press would take at, and when they
 * fall again. The server decides at its own instant; nobody pays more than is shown here.
 * @module
 */
import { serverNow } from "./clock.js";
import { duration, money, plainAmount } from "./words.js";

const OFTEN = 100;

export function startClocks() {
  fall();
  setInterval(fall, OFTEN);
  document.addEventListener("visibilitychange", fall);
}

export function fall() {
  if (document.hidden) return;
  for (const place of document.querySelectorAll("[data-clock]")) show(/** @type {HTMLElement} */ (place));
}

/**
 * @param {HTMLElement} place
 * @param {string} name
 * @returns {number}
 */
function number(place, name) {
  return Number(place.dataset[name]);
}

/** @param {HTMLElement} place */
function show(place) {
  const now = serverNow();
  const [begins, every, step] = [number(place, "begins"), number(place, "every"), number(place, "step")];
  const gone = Math.max(Math.floor((now - begins) / every), 0);
  const price = Math.max(number(place, "start") - gone * step, number(place, "lowest"));
  const currency = place.dataset["currency"] ?? "";
  for (const element of place.querySelectorAll("[data-clock-price]")) put(element, money(price, currency));
  for (const input of place.querySelectorAll("[data-clock-amount]")) /** @type {HTMLInputElement} */ (input).value = plainAmount(price, currency);
  const runs = now >= begins;
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (place.querySelectorAll("[data-clock-button]"))) {
    if (!runs) button.disabled = true;
    else if ("waits" in button.dataset) button.disabled = false;
    button.toggleAttribute("data-waits", !runs);
  }
  if (runs) for (const words of place.querySelectorAll("[data-clock-begins]")) words.remove();
  showNext(place, price > number(place, "lowest") && runs ? begins + (gone + 1) * every - now : null);
}

/**
 * @param {HTMLElement} place
 * @param {number | null} left milliseconds until the clock falls again; null where it stands
 */
function showNext(place, left) {
  const words = /** @type {HTMLElement | null} */ (place.querySelector("[data-clock-next-words]"));
  const shown = place.querySelector("[data-clock-next]");
  if (!words || !shown) return;
  words.hidden = left === null;
  if (left !== null) put(shown, duration(left));
}

/**
 * @param {Element} element
 * @param {string} text
 */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
