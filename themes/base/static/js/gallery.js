/**
 * A lot's pictures: thumbnails change the large one, a click enlarges it. PhotoSwipe is fetched
 * only when somebody wants to look closer.
 * @module
 */

export function startGallery() {
  const gallery = /** @type {HTMLElement | null} */ (document.querySelector("[data-gallery]"));
  const main = /** @type {HTMLAnchorElement | null} */ (gallery?.querySelector("[data-gallery-main]") ?? null);
  if (!gallery || !main) return;
  const items = /** @type {HTMLAnchorElement[]} */ ([...gallery.querySelectorAll("[data-gallery-item]")]);
  let current = 0;
  items.forEach((item, index) => item.addEventListener("click", (event) => {
    event.preventDefault();
    current = index;
    show(main, items, index);
  }));
  main.addEventListener("click", (event) => {
    event.preventDefault();
    void enlarge(gallery, items, current);
  });
}

/**
 * @param {HTMLAnchorElement} main
 * @param {HTMLAnchorElement[]} items
 * @param {number} index
 */
function show(main, items, index) {
  const item = items[index];
  const picture = item?.querySelector(".picture");
  if (!item || !picture) return;
  const copy = /** @type {HTMLElement} */ (picture.cloneNode(true));
  for (const source of copy.querySelectorAll("source, img")) source.setAttribute("sizes", "(min-width: 64rem) 56vw, 100vw");
  main.replaceChildren(copy);
  main.href = item.href;
  items.forEach((other, place) => {
    if (place === index) other.setAttribute("aria-current", "true");
    else other.removeAttribute("aria-current");
  });
}

/**
 * @param {HTMLElement} gallery
 * @param {HTMLAnchorElement[]} items
 * @param {number} index
 */
async function enlarge(gallery, items, index) {
  const { lightbox, photoswipe, photoswipeCss } = gallery.dataset;
  if (!lightbox || !photoswipe || !photoswipeCss) return;
  loadStyles(photoswipeCss);
  const { default: Lightbox } = await import(lightbox);
  const box = new Lightbox({
    dataSource: items.map((item) => ({
      src: item.href,
      width: Number(item.dataset["width"]),
      height: Number(item.dataset["height"]),
      alt: item.getAttribute("aria-label") ?? "",
    })),
    pswpModule: () => import(photoswipe),
    bgOpacity: 1,
    showHideAnimationType: "none",
  });
  box.init();
  box.loadAndOpen(index);
}

/** @param {string} address */
function loadStyles(address) {
  if (document.querySelector(`link[href="${address}"]`)) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  document.head.append(link);
}
