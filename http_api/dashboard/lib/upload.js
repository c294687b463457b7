// Sends a file in parts. What has arrived stays on the server: an upload goes on after a break, and after a reload.
import { authorised, call } from "./api.js";
import { ApiError, refusal } from "./http.js";
import { language, t } from "./i18n.js";
import { recallJson, remember } from "./storage.js";

const KEPT = "dashboard.uploads"; // in the browser's storage: fingerprint of a file and its place -> the upload's id
const TRIES = 5;
const LOOK_MS = 120_000; // the server looks through the whole file
const FIRST_PAUSE_MS = 500;

let directFailed = false; // for example because the bucket does not allow requests of this page

/**
 * @typedef {{ type: string, area: string, recordId: string }} Place
 * @typedef {(share: number) => void} OnProgress `share` from 0 to 1
 */

/**
 * Without storage an upload begins again after a reload.
 * @returns {Record<string, string>}
 */
const kept = () => recallJson(KEPT) ?? {};

/** @param {string} key @param {string | null} id */
function keep(key, id) {
  const { [key]: _, ...others } = kept();
  remember(KEPT, JSON.stringify(id ? { ...others, [key]: id } : others));
}

/** @param {File} file @param {Place} place */
const fingerprint = ({ name, size, lastModified }, { type, area, recordId }) =>
  [area, recordId, type, size, lastModified, name].join("/");

/**
 * The stored file. An abort by `signal` leaves what has arrived on the server, for the next try.
 * @param {File} file
 * @param {Place} place
 * @param {OnProgress} onProgress
 * @param {AbortSignal} signal
 * @returns {Promise<Rest.FileAnswer>}
 */
export async function upload(file, place, onProgress, signal) {
  const key = fingerprint(file, place);
  const session = (await earlier(kept()[key])) ?? (await begin(file, place));
  keep(key, session.uploadId);
  const received = new Set(session.received);
  const path = `/upload/sessions/${session.uploadId}`;
  for (let number = 1; number <= session.partCount; number += 1) {
    const from = (number - 1) * session.partSize;
    const part = file.slice(from, from + session.partSize);
    /** @param {number} sent */
    const report = (sent) => onProgress((from + sent) / file.size);
    const partPath = `${path}/parts/${number}`;
    if (!received.has(number) && !(session.direct && await sentDirectly(partPath, part, report, signal))) {
      await sendPart(partPath, part, report, signal);
    }
    report(part.size);
  }
  try {
    const { data } = await call("POST", `${path}/complete`, { body: {}, signal, timeoutMs: LOOK_MS });
    keep(key, null);
    return data;
  } catch (error) {
    if (error.status === 400) keep(key, null); // the content was refused, and is gone
    throw error;
  }
}

/** Drops what has arrived. @param {File} file @param {Place} place */
export async function cancel(file, place) {
  const key = fingerprint(file, place);
  const id = kept()[key];
  keep(key, null);
  if (id) await call("DELETE", `/upload/sessions/${id}`).catch(() => undefined); // the sweep removes it in any case
}

/** @param {string | undefined} id @returns {Promise<Rest.UploadAnswer | null>} */
async function earlier(id) {
  if (!id) return null;
  return call("GET", `/upload/sessions/${id}`).then(({ data }) => data, (error) => {
    if (error.status === 404) return null;
    throw error;
  });
}

/** @param {File} file @param {Place} place @returns {Promise<Rest.UploadAnswer>} */
async function begin(file, place) {
  return (await call("POST", "/upload/sessions", { body: { ...place, name: file.name, size: file.size } })).data;
}

/**
 * Again after a break, with longer pauses; a refusal of the server is final.
 * @param {string} path @param {Blob} part @param {OnProgress} report @param {AbortSignal} signal
 */
async function sendPart(path, part, report, signal) {
  const checksum = await sha256(part);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await authorised((token) => put(`/api${path}`, part, report, signal, {
        Authorization: `Bearer ${token}`, "Accept-Language": language.get(),
        ...(checksum && { "X-Content-Sha256": checksum }),
      }));
    } catch (error) {
      const isFinal = signal.aborted || attempt === TRIES || (error.status >= 400 && error.status < 500);
      if (isFinal) throw error;
    }
    await new Promise((resolve) => { setTimeout(resolve, FIRST_PAUSE_MS * 2 ** attempt); });
  }
}

/**
 * To the provider that stores the files. False if it did not take the part: then it goes through us.
 * @param {string} path @param {Blob} part @param {OnProgress} report @param {AbortSignal} signal
 */
async function sentDirectly(path, part, report, signal) {
  if (directFailed) return false;
  try {
    const { url } = (await call("GET", `${path}/link`, { signal })).data;
    await put(url, part, report, signal, {});
  } catch {
    directFailed = true;
  }
  return !directFailed;
}

/**
 * By XMLHttpRequest, which tells how much has been sent.
 * @param {string} url @param {Blob} part @param {OnProgress} report @param {AbortSignal} signal
 * @param {Record<string, string>} headers
 * @returns {Promise<void>}
 */
function put(url, part, report, signal, headers) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const broken = () => reject(new ApiError(t("error.network"), { code: "NETWORK" }));
    const stop = () => request.abort();
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded }) => report(Math.min(loaded, part.size)));
    request.addEventListener("load", () => (
      request.status < 300 ? resolve() : reject(refusal(request.response ?? {}, request.status))));
    request.addEventListener("error", broken);
    request.addEventListener("abort", broken);
    request.addEventListener("loadend", () => signal.removeEventListener("abort", stop));
    signal.addEventListener("abort", stop);
    if (signal.aborted) broken();
    else request.send(part);
  });
}

/** Empty where the browser cannot compute it: on pages without https. @param {Blob} part */
async function sha256(part) {
  if (!globalThis.crypto?.subtle) return "";
  const digest = await crypto.subtle.digest("SHA-256", await part.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
