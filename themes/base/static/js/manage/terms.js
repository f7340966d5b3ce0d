/**
 * Works the examples out again as settings change; without this a button does it.
 * @module
 */

const PAUSE = 300;
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-terms]"));
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
let asked = 0;

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => void workOut(form), PAUSE);
});

/** @param {HTMLFormElement} typed */
async function workOut(typed) {
  const mine = ++asked;
  const body = new URLSearchParams([...new FormData(typed)].map(([name, value]) => [name, String(value)]));
  body.set("do", "look");
  const response = await fetch(location.pathname, { method: "POST", body, headers: { Accept: "text/html" } }).catch(() => null);
  if (!response?.ok || mine !== asked) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const here of document.querySelectorAll("[data-example]")) {
    const there = page.getElementById(here.id);
    if (there && there.innerHTML !== here.innerHTML) here.replaceChildren(...there.childNodes);
  }
}
