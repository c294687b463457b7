// Values that the browser keeps. Storage may be forbidden: then they hold until the page is closed.

/**
 * The kept text; null when there is none, `otherwise` where storage is forbidden.
 * @param {string} key
 * @param {string | null} [otherwise]
 */
export function recall(key, otherwise = null) {
  try {
    return localStorage.getItem(key);
  } catch {
    return otherwise;
  }
}

/**
 * The kept value; null when there is none, or what is kept is not JSON.
 * @param {string} key
 * @returns {any}
 */
export function recallJson(key) {
  try {
    return JSON.parse(recall(key) ?? "null");
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {string | null} text null removes what is kept
 */
export function remember(key, text) {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // Not kept.
  }
}
