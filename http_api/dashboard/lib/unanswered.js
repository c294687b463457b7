// Reads that got no answer: counted for the connection state, and repeated until the server answers.
import { createStore } from "./store.js";

const AGAIN_MS = 10_000;
const NO_ANSWER = new Set([0, 502, 503, 504]); // the last three come from a proxy, or from a server that cannot yet

/** How many reads of what is on the page had no answer. */
export const unanswered = createStore(0);
/** @type {Set<() => void>} */
const reads = new Set();
/** @type {number | undefined} */
let timer;

/** @param {{ status?: number } | null} error */
export const hadNoAnswer = (error) => error?.status !== undefined && NO_ANSWER.has(error.status);

/**
 * Repeats a read when the connection returns, and now and then before. The answer ends that, by calling the function
 * that is returned.
 * @param {() => void} read
 */
export function repeat(read) {
  reads.add(read);
  counted();
  return () => {
    reads.delete(read);
    counted();
  };
}

export function readAgain() {
  for (const read of [...reads]) read();
}

function counted() {
  unanswered.set(reads.size);
  if (reads.size && !timer) timer = setTimeout(again, AGAIN_MS * (1 + Math.random()));
}

function again() {
  timer = undefined;
  if (navigator.onLine !== false) readAgain();
  counted();
}
