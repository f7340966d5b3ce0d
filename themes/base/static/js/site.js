/**
 * Public pages. Everything here adds to pages that work without it.
 * @module
 */
import { startBidding } from "./bid.js";
import { startCountdowns } from "./countdown.js";
import { startClocks } from "./falling.js";
import { startGallery } from "./gallery.js";
import { startPrices } from "./prices.js";
import { startScrollers } from "./scrollers.js";

document.documentElement.classList.add("scripted");

for (const select of document.querySelectorAll("select[data-submit-on-change]")) {
  select.addEventListener("change", () => /** @type {HTMLSelectElement} */ (select).form?.requestSubmit());
}

for (const button of document.querySelectorAll("button[data-reveals]")) {
  const input = document.getElementById(/** @type {HTMLElement} */ (button).dataset.reveals ?? "");
  if (!(input instanceof HTMLInputElement)) continue;
  button.removeAttribute("hidden");
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
  // What is sent is a password again, so that the browser offers to keep it as one.
  input.form?.addEventListener("submit", () => { input.type = "password"; });
}

startCountdowns();
startClocks();
startGallery();
startBidding();
startPrices();
startScrollers();
