/**
 * Prices, ends and standings as they change: events of the live stream put into whatever shows
 * that lot. Nobody bids blindly on a page that has lost its stream.
 * @module
 */
import { replaceParts } from "./bid.js";
import { setServerTime } from "./clock.js";
import { ENDED, tick } from "./countdown.js";
import { subscribe } from "./live.js";
import { bids, money, plainAmount, word, wordText } from "./words.js";

/**
 * @typedef {object} LotEvent
 * @property {"lot"} type
 * @property {number} lot
 * @property {number} version
 * @property {number | null} price minor units
 * @property {number} asking minor units
 * @property {number} bids
 * @property {number | null} [total] minor units, for all pieces
 * @property {string} ends_at
 * @property {string} status
 * @property {string | null} [outcome]
 * @property {boolean} reserve_met
 * @property {boolean} [extended]
 * @property {number | null} [buy_now] minor units; null once it is over
 */

const REFRESH_SPREAD = 3000;
const REFRESH_PAUSE = 4000;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let refreshing;

export function startPrices() {
  const root = /** @type {HTMLElement | null} */ (document.querySelector("[data-live-sale]"));
  if (!root) return;
  const channels = (root.dataset["liveSale"] ?? "").split(",").filter(Boolean).map((id) => `sale:${id}`);
  if (!channels.length) return;
  document.addEventListener(ENDED, () => refreshLater(root));
  subscribe({
    channels,
    onEvent: (payload) => receive(payload, root),
    onState: showConnection,
    onClock: setServerTime,
  });
}

/** @param {import("./live.js").State} state */
function showConnection(state) {
  if (state === "signed-out") {
    location.reload();
    return;
  }
  document.documentElement.dataset["connection"] = state;
  const stale = state === "stale";
  for (const button of document.querySelectorAll("[data-bid-button]")) /** @type {HTMLButtonElement} */ (button).disabled = stale;
  for (const note of document.querySelectorAll("[data-when-stale]")) /** @type {HTMLElement} */ (note).hidden = !stale;
}

/**
 * @param {any} payload
 * @param {HTMLElement} root
 */
function receive(payload, root) {
  if (payload.type === "lot") {
    for (const place of document.querySelectorAll(`[data-lot="${payload.lot}"]`)) showLot(/** @type {HTMLElement} */ (place), payload);
    if (concerns(root, payload.lot)) refreshLater(root);
    tick();
  } else if (payload.type === "standing") {
    showStanding(payload.lot, payload.standing);
    if (concerns(root, payload.lot)) refreshLater(root);
  } else if (payload.type === "gap") {
    location.reload();
  } else if (payload.type !== "signed_out" && payload.type !== "approvals") {
    refreshLater(root);
  }
}

/**
 * Whether the page is about a lot: it is the lot's own, or one's own bids with it among them.
 * @param {HTMLElement} root
 * @param {number} lot
 * @returns {boolean}
 */
function concerns(root, lot) {
  if (root.dataset["lot"]) return root.dataset["lot"] === String(lot);
  return "liveWhole" in root.dataset && root.querySelector(`[data-lot="${lot}"]`) !== null;
}

/**
 * @param {HTMLElement} place
 * @param {LotEvent} event
 */
function showLot(place, event) {
  if (Number(place.dataset["version"] ?? 0) >= event.version) return;
  if (place.dataset["version"]) place.dataset["version"] = String(event.version);
  const currency = place.dataset["currency"] ?? "";
  if (event.price !== null) {
    put(place, "price", money(event.price, currency), true);
    put(place, "total", money(event.total ?? event.price, currency), true);
    put(place, "price-words", wordText(event.outcome === "sold" ? "sold-for" : "current"));
  }
  put(place, "asking", money(event.asking, currency), true);
  for (const input of place.querySelectorAll("[data-live=asking-value]")) /** @type {HTMLInputElement} */ (input).value = plainAmount(event.asking, currency);
  for (const element of place.querySelectorAll("[data-live=bids]")) {
    /** @type {HTMLElement} */ (element).hidden = event.bids === 0;
    element.textContent = bids(event.bids);
  }
  for (const time of place.querySelectorAll("[data-live=ends]")) /** @type {HTMLTimeElement} */ (time).dateTime = event.ends_at;
  if (event.buy_now === null || event.status !== "open") {
    for (const offer of place.querySelectorAll("[data-live=buy-now]")) offer.remove();
  }
  showPhase(place, event);
}

/**
 * @param {HTMLElement} place
 * @param {LotEvent} event
 */
function showPhase(place, event) {
  const phase = event.status === "closed" ? (event.outcome ?? "closed") : event.extended ? "extended" : event.status;
  const shown = phase === "open" ? null : word(phase);
  for (const element of place.querySelectorAll("[data-live=phase]")) {
    if (shown) element.replaceChildren(shown.cloneNode(true));
  }
  for (const element of place.querySelectorAll("[data-live=reserve]")) {
    const met = event.reserve_met && element.querySelector(".state-reserve-not-met") ? word("reserve_met") : null;
    if (met) element.replaceChildren(met);
  }
}

/**
 * @param {number} lot
 * @param {string} standing
 */
function showStanding(lot, standing) {
  for (const element of document.querySelectorAll(`[data-mine="${lot}"]`)) {
    const shown = word(standing);
    if (shown) element.replaceChildren(shown);
  }
}

/**
 * Change a figure and mark it for a moment; nothing moves, the box keeps its place.
 * @param {HTMLElement} place
 * @param {string} name
 * @param {string} text
 * @param {boolean} [marked]
 */
function put(place, name, text, marked = false) {
  for (const element of place.querySelectorAll(`[data-live="${name}"]`)) {
    if (element.textContent === text) continue;
    element.textContent = text;
    if (!marked) continue;
    element.classList.remove("changed");
    requestAnimationFrame(() => element.classList.add("changed"));
  }
}

/**
 * Fetch the page again for what an event does not carry; spread out, so that a thousand
 * viewers do not ask in the same moment.
 * @param {HTMLElement} root
 */
function refreshLater(root) {
  if (refreshing !== undefined || !(root.dataset["lot"] || "liveWhole" in root.dataset)) return;
  refreshing = setTimeout(async () => {
    refreshing = undefined;
    if (document.hidden || document.querySelector("dialog[open]")) return;
    const response = await fetch(root.dataset["livePath"] ?? location.pathname, { headers: { Accept: "text/html" } }).catch(() => null);
    if (response?.ok) replaceParts(new DOMParser().parseFromString(await response.text(), "text/html"), true);
    tick();
  }, REFRESH_PAUSE * Number(document.hidden) + 300 + Math.random() * REFRESH_SPREAD);
}
