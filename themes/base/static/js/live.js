/**
 * Live updates: one stream a browser, shared by its tabs.
 *
 * The tab that holds a lock keeps the stream and passes on what comes; when it goes, sleeps or
 * falls silent, another takes over where it was. Without locks each tab has a stream of its own.
 * @module
 */
import { Stream } from "./stream.js";

/**
 * @typedef {import("./stream.js").State} State
 * @typedef {object} Subscription
 * @property {string[]} channels such as "sale:3"; the reader's own is added by the server
 * @property {(payload: any) => void} onEvent
 * @property {(state: State) => void} [onState]
 * @property {(milliseconds: number) => void} [onClock] the server's time since 1970
 */

const BUS = "auctionxchange-live";
const LOCK = "auctionxchange-live-leader";
const WATCH_MS = 5_000;
/** Tabs nobody looks at may speak once a minute only. */
const FORGET_MS = 150_000;
/** The gateway tells the time each 15 seconds, and the leader passes it on. */
const LEADER_SILENT_MS = 35_000;

const sharing = "BroadcastChannel" in window && "locks" in navigator;
const bus = sharing ? new BroadcastChannel(BUS) : null;
const tab = Math.random().toString(36).slice(2) + Date.now().toString(36);

/** @type {Subscription[]} */
const subscriptions = [];
/** What the other tabs want, by tab. @type {Map<string, { channels: string[], seen: number }>} */
const others = new Map();
/** @type {State} */
let state = "catching-up";
let leading = false;
let heardLeader = Date.now();
/** @type {AbortController | null} */
let line = null;
/** @type {(() => void) | null} */
let release = null;

const stream = new Stream({
  onPayload(payload, position) {
    bus?.postMessage({ kind: "event", payload, position });
    deliver(payload);
  },
  onState(next) {
    bus?.postMessage({ kind: "state", state: next });
    show(next);
  },
  onOffset(offset) {
    bus?.postMessage({ kind: "clock", offset, position: stream.position });
    tellClock(offset);
  },
});

/**
 * Follow channels until the returned function is called.
 * @param {Subscription} subscription
 * @returns {() => void}
 */
export function subscribe(subscription) {
  subscriptions.push(subscription);
  subscription.onState?.(state);
  if (subscriptions.length === 1) begin();
  wish(subscription.channels);
  return () => {
    subscriptions.splice(subscriptions.indexOf(subscription), 1);
    wish([]);
  };
}

let begun = false;

function begin() {
  if (begun) return;
  begun = true;
  bus?.addEventListener("message", ({ data }) => heard(data));
  setInterval(watch, WATCH_MS);
  addEventListener("pagehide", rest);
  document.addEventListener("freeze", rest);
  addEventListener("pageshow", (event) => event.persisted && wake());
  document.addEventListener("resume", wake);
  addEventListener("online", () => stream.hurry());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    watch();
    stream.hurry();
  });
  standInLine();
}

/** Wait until the tab that leads is gone. */
function standInLine() {
  if (!sharing) return void lead();
  line?.abort();
  line = new AbortController();
  navigator.locks.request(LOCK, { signal: line.signal }, lead).catch(lost);
}

/** Lead although another tab does: it says nothing any more. */
function takeOver() {
  line?.abort();
  line = null;
  navigator.locks.request(LOCK, { steal: true }, lead).catch(lost);
}

/** Keep the stream from now on, from where the one before was; ask all tabs what they want. */
function lead() {
  leading = true;
  bus?.postMessage({ kind: "who" });
  follow(own());
  return new Promise((/** @type {(value: void) => void} */ done) => {
    release = done;
  });
}

/** The line was left, or the lead was taken by another tab. */
function lost() {
  if (!leading) return;
  stepDown();
  standInLine();
}

function stepDown() {
  leading = false;
  heardLeader = Date.now();
  stream.close();
  release?.();
  release = null;
}

/** Before the page sleeps another tab gets the lead. */
function rest() {
  line?.abort();
  line = null;
  bus?.postMessage({ kind: "bye", tab });
  if (leading) stepDown();
}

function wake() {
  standInLine();
  wish(own());
}

function watch() {
  if (leading) {
    stream.check();
    bus?.postMessage({ kind: "state", state });
    follow([]);
  } else {
    wish([]);
    const silent = Date.now() - heardLeader > LEADER_SILENT_MS;
    if (silent && !document.hidden && sharing) takeOver();
  }
}

/** @param {any} message */
function heard(message) {
  if (message.kind === "who") return wish(own());
  if (message.kind === "wishes") {
    others.set(message.tab, { channels: message.channels, seen: Date.now() });
    if (!leading) return;
    follow(message.fresh);
    // After that: a stream that had ended with its reader begins anew for who opens a page.
    if (message.fresh.length) bus?.postMessage({ kind: "state", state });
    return;
  }
  if (message.kind === "bye") return void others.delete(message.tab);
  heardLeader = Date.now();
  if (message.position && !leading) stream.position = message.position;
  if (message.kind === "event") deliver(message.payload);
  else if (message.kind === "state") show(message.state);
  else if (message.kind === "clock") tellClock(message.offset);
}

/**
 * Say what this tab follows.
 * @param {string[]} fresh what it only now began to show
 */
function wish(fresh) {
  if (leading) follow(fresh);
  else bus?.postMessage({ kind: "wishes", tab, channels: own(), fresh });
}

/** @param {string[]} fresh */
function follow(fresh) {
  const now = Date.now();
  for (const [name, other] of others) if (now - other.seen > FORGET_MS) others.delete(name);
  stream.follow([...own(), ...[...others.values()].flatMap((other) => other.channels)], fresh);
}

/** @returns {string[]} */
function own() {
  return subscriptions.flatMap((subscription) => subscription.channels);
}

/** @param {any} payload */
function deliver(payload) {
  const channel = String(payload.channel);
  const forAll = payload.type === "gap" || channel.startsWith("member:");
  for (const subscription of [...subscriptions]) {
    if (forAll || subscription.channels.includes(channel)) subscription.onEvent(payload);
  }
}

/** @param {State} next */
function show(next) {
  if (next === state) return;
  state = next;
  for (const subscription of subscriptions) subscription.onState?.(next);
}

/** @param {number} offset */
function tellClock(offset) {
  for (const subscription of subscriptions) subscription.onClock?.(Date.now() + offset);
}
