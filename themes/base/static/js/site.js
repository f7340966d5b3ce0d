/**
 * Public pages. Everything here adds to pages that work without it.
 * @module
 */
import { startBidding } from "./bid.js";
import { startCountdowns } from "./countdown.js";
import { startGallery } from "./gallery.js";
import { startPrices } from "./prices.js";

document.documentElement.classList.add("scripted");

for (const select of document.querySelectorAll("select[data-submit-on-change]")) {
  select.addEventListener("change", () => /** @type {HTMLSelectElement} */ (select).form?.requestSubmit());
}

startCountdowns();
startGallery();
startBidding();
startPrices();
