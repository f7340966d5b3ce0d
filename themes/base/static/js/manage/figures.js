// @ts-check
/**
 * Keeps the figures beside rooms true while a page is open, and tells the page when one changed.
 * @module
 */
import { subscribe } from "../live.js";

subscribe({ channels: [], onEvent: receive });

/** @param {any} payload */
function receive(payload) {
  const figure = /** @type {HTMLElement | null} */ (document.querySelector(`[data-figure="${CSS.escape(String(payload.type))}"]`));
  if (!figure || typeof payload.waiting !== "number") return;
  figure.textContent = String(payload.waiting);
  figure.hidden = payload.waiting === 0;
  document.body.dispatchEvent(new CustomEvent(payload.type));
}
