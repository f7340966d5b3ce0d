// @ts-check
/**
 * The room of a sale: any event on its channel fetches the board anew, at most twice a second.
 * The board is the server's own page part, so names and paddles never travel in the public stream.
 * @module
 */
import { subscribe } from "../live.js";

const board = /** @type {HTMLElement | null} */ (document.querySelector("[data-room-board]"));
const sign = /** @type {HTMLElement | null} */ (document.querySelector("[data-room-connection]"));
const SOONEST_MS = 500;
const AT_LEAST_EVERY_MS = 15_000;

let fetching = false;
let again = false;

async function refresh() {
  if (!board) return;
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  try {
    const answer = await fetch(board.dataset["roomBoard"] ?? "", { headers: { Accept: "text/html" } });
    if (answer.ok) replace(await answer.text());
  } catch {
    // The next event or the next round tries again.
  }
  setTimeout(() => {
    fetching = false;
    if (again) {
      again = false;
      void refresh();
    }
  }, SOONEST_MS);
}

/**
 * Put the new board in place, keep where the reader had scrolled, mark what moved.
 * @param {string} html
 */
function replace(html) {
  if (!board) return;
  const before = versions();
  const scrolled = [...board.querySelectorAll(".table-wrap")].map((wrap) => wrap.scrollTop);
  board.innerHTML = html;
  board.querySelectorAll(".table-wrap").forEach((wrap, place) => { wrap.scrollTop = scrolled[place] ?? 0; });
  for (const [row, version] of versions()) {
    if (before.get(row) !== version) board.querySelector(`[data-row="${row}"]`)?.classList.add("changed");
  }
}

/** @returns {Map<string | null, string | null>} */
function versions() {
  const rows = [...(board?.querySelectorAll("[data-row]") ?? [])];
  return new Map(rows.map((row) => [row.getAttribute("data-row"), row.getAttribute("data-version")]));
}

if (board) {
  subscribe({
    channels: [board.dataset["roomChannel"] ?? ""],
    onEvent: () => void refresh(),
    onState: (state) => {
      if (sign) sign.textContent = (state === "live" ? sign.dataset["live"] : sign.dataset["lost"]) ?? "";
    },
  });
  setInterval(() => void refresh(), AT_LEAST_EVERY_MS);
}
