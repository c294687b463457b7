// Calls to the REST interface as the staff member who is signed in.
import { send, sendForEnvelope } from "./http.js";
import { accessToken, accessTokenExpired, renew } from "./session.js";

/** @typedef {import("./http.js").RequestOptions} RequestOptions */

/**
 * Runs `work` with an access token, and once more with a fresh one when the server refuses the first.
 * @template T
 * @param {(token: string | null) => Promise<T>} work
 */
export async function authorised(work) {
  if (accessTokenExpired()) await renew();
  const used = accessToken();
  try {
    return await work(used);
  } catch (error) {
    if (error.status !== 401) throw error;
    if (accessToken() === used) await renew();
    return work(accessToken());
  }
}

/**
 * The whole envelope, for callers that show the server's message.
 * @param {string} method
 * @param {string} path
 * @param {RequestOptions} [options]
 */
export function call(method, path, options = {}) {
  return authorised((token) => sendForEnvelope(method, path, { ...options, token }));
}

/**
 * The data of an answer; its type is that of the OpenAPI document.
 * @param {string} path
 * @param {Record<string, unknown>} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function get(path, query, signal) {
  return (await call("GET", path, { query, signal })).data;
}

/**
 * Fetches a file with the access token and hands it to the browser as a download.
 * @param {string} path
 * @param {Record<string, unknown>} query
 * @param {string} fallbackName
 */
export async function download(path, query, fallbackName) {
  await saveFile(await authorised((token) => send("GET", path, { query, token })), fallbackName);
}

/**
 * Hands the file in a response to the browser as a download.
 * @param {Response} response
 * @param {string} fallbackName
 */
export async function saveFile(response, fallbackName) {
  const disposition = response.headers.get("Content-Disposition") ?? "";
  const named = /filename\*=UTF-8''([^;]+)|filename="?([^";]+)"?/i.exec(disposition);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = named ? decodeURIComponent(named[1] ?? named[2]) : fallbackName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
