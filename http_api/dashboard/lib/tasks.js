// Requests that may take long: sent with `Prefer: respond-async`, followed while their task runs. They are kept by key
// for as long as the page is open, so that components may come and go, and a second click joins the first.
import { authorised } from "./api.js";
import { refusal, send } from "./http.js";
import { session } from "./session.js";
import { createStore, useStore } from "./store.js";
import { hadNoAnswer } from "./unanswered.js";

const POLL_MS = 3_000; // when no push tells that it is finished
const GIVE_UP_MS = 120_000; // longer than a task may take
const PREFER = { Prefer: "respond-async" };

/**
 * `slow`: the task goes on while the reader does something else.
 * @typedef {object} TaskState
 * @property {"running" | "done" | "failed"} status
 * @property {boolean} slow
 * @property {number} startedAt
 * @property {"asking" | "receiving"} step
 * @property {number} receivedBytes
 * @property {any} [result]
 * @property {import("./http.js").ApiError} [error]
 */

const tasks = createStore(/** @type {Record<string, TaskState | undefined>} */ ({}));
/** @type {Map<string, Promise<TaskState>>} by key */
const running = new Map();
/** @type {Map<string, () => void>} by the id of a task: reads its state at once */
const waiting = new Map();

session.watch(({ user }) => { if (!user) tasks.set({}); });

/**
 * The task with this key, if it was asked for.
 * @param {string} key
 */
export const useTask = (key) => useStore(tasks)[key];

/** @param {string} key */
export const forgetTask = (key) => tasks.patch({ [key]: undefined });

/**
 * To be called when a push tells it.
 * @param {string} taskId
 */
export const taskFinished = (taskId) => waiting.get(taskId)?.();

/**
 * Sends the request, unless it is on its way, and follows it to its end; never throws. The result is the `data` of the
 * answer, or with `file` the response that has the file.
 * @param {string} key
 * @param {string} method
 * @param {string} path
 * @param {{ body?: unknown, file?: boolean }} [options]
 * @returns {Promise<TaskState>}
 */
export function runTask(key, method, path, options = {}) {
  const joined = running.get(key);
  if (joined) return joined;
  const begun = carryOut(key, method, path, options).finally(() => running.delete(key));
  running.set(key, begun);
  return begun;
}

/** @type {(key: string, ...request: [string, string, { body?: unknown, file?: boolean }]) => Promise<TaskState>} */
async function carryOut(key, method, path, { body, file = false }) {
  /** @type {TaskState} */
  let state = { status: "running", slow: false, startedAt: Date.now(), step: "asking", receivedBytes: 0 };
  const change = (/** @type {Partial<TaskState>} */ part) => {
    state = { ...state, ...part };
    tasks.patch({ [key]: state });
  };
  change({});
  try {
    const answer = await authorised((token) => send(method, path, { body, token, headers: PREFER }));
    if (answer.status !== 202) {
      change({ status: "done", result: file ? answer : (await answer.json()).data });
      return state;
    }
    change({ slow: true });
    /** @type {Rest.TaskAccepted} */
    const { taskId, address } = (await answer.json()).data;
    const ended = await end(taskId, address.replace(/^\/api/, ""), change);
    const fetched = ended.file ? await read(`${address.replace(/^\/api/, "")}/file`) : ended.result;
    change({ status: "done", result: fetched });
  } catch (error) {
    change({ status: "failed", error });
  }
  return state;
}

/**
 * The task when it is done. Throws ApiError when it failed or cannot be read.
 * @param {string} taskId
 * @param {string} path
 * @param {(part: Partial<TaskState>) => void} change
 */
async function end(taskId, path, change) {
  const deadline = Date.now() + GIVE_UP_MS;
  for (;;) {
    await finishedOrPoll(taskId);
    try {
      /** @type {Rest.TaskAnswer} */
      const task = (await (await read(path)).json()).data;
      if (task.error) throw refusal(task.error, 422);
      if (task.status === "done") return task;
      change({ step: task.step, receivedBytes: task.receivedBytes });
    } catch (error) {
      if (!hadNoAnswer(error) || Date.now() > deadline) throw error;
    }
  }
}

/** @param {string} path */
const read = (path) => authorised((token) => send("GET", path, { token }));

/** @param {string} taskId */
function finishedOrPoll(taskId) {
  return /** @type {Promise<void>} */ (new Promise((resolve) => {
    const timer = setTimeout(resolve, POLL_MS);
    waiting.set(taskId, () => { clearTimeout(timer); resolve(); });
  })).finally(() => waiting.delete(taskId));
}
