/**
 * The room of a sale: any event on its channel fetches the board anew, at most twice a second.
 * The board is the server's own page part, so names and paddles never travel in the public stream.
 * While the stream is down the board is fetched every few seconds.
 * @module
 */

const board = /** @type {HTMLElement | null} */ (document.querySelector("[data-room-board]"));
const sign = /** @type {HTMLElement | null} */ (document.querySelector("[data-room-connection]"));
const SOONEST = 500;
const WITHOUT_STREAM = 5000;

let fetching = false;
let again = false;
/** @type {EventSource | null} */
let stream = null;

async function refresh() {
  if (!board) return;
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  try {
    const answer = await fetch(board.dataset.roomBoard ?? "", { headers: { Accept: "text/html" } });
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
  }, SOONEST);
}

/**
 * Put the new board in place, keep where the reader had scrolled, mark what moved.
 * @param {string} html
 */
function replace(html) {
  if (!board) return;
  const before = new Map([...board.querySelectorAll("[data-row]")].map((row) => [row.getAttribute("data-row"), row.getAttribute("data-version")]));
  const scrolled = [...board.querySelectorAll(".table-wrap")].map((wrap) => wrap.scrollTop);
  board.innerHTML = html;
  board.querySelectorAll(".table-wrap").forEach((wrap, place) => { wrap.scrollTop = scrolled[place] ?? 0; });
  for (const row of board.querySelectorAll("[data-row]")) {
    if (before.get(row.getAttribute("data-row")) !== row.getAttribute("data-version")) row.classList.add("changed");
  }
}

/** @param {"live" | "lost"} state */
function tell(state) {
  if (sign) sign.textContent = sign.dataset[state] ?? "";
}

async function listen() {
  try {
    const answer = await fetch(`/live/token?channels=${encodeURIComponent(board?.dataset.roomChannel ?? "")}`);
    const { token } = await answer.json();
    if (!token) throw new Error("no token");
    stream = new EventSource(`/live/stream?token=${encodeURIComponent(token)}`);
    stream.onopen = () => { tell("live"); void refresh(); };
    stream.onmessage = () => void refresh();
    stream.onerror = () => {
      tell("lost");
      stream?.close();
      stream = null;
      setTimeout(() => void listen(), WITHOUT_STREAM);
    };
  } catch {
    tell("lost");
    setTimeout(() => void listen(), WITHOUT_STREAM);
  }
}

if (board) {
  void listen();
  setInterval(() => { if (!stream) void refresh(); }, WITHOUT_STREAM);
}
