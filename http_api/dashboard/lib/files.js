// Addresses of files: a stored file has a stable address, and a link to its content that lives for minutes.
import { get } from "./api.js";
import { useEffect, useState } from "./view.js";

const STORED = /^\/api\/(upload\/file\/[0-9a-f]{24})$/;
const EARLIER_MS = 60_000; // a link is renewed before it ends

/** @type {Map<string, { url: Promise<string>, until: number }>} */
const links = new Map();

/**
 * @param {string} address of a stored file
 * @param {string} size small, medium or large
 */
function linkOf(address, size) {
  const key = `${address}?${size}`;
  const known = links.get(key);
  if (known && known.until > Date.now()) return known.url;
  const path = /** @type {RegExpExecArray} */ (STORED.exec(address))[1];
  const read = get(`/${path}/link`, { size });
  const entry = { until: Date.now() + EARLIER_MS, url: read.then(({ url }) => url) };
  read.then(({ expiresIn }) => { entry.until = Date.now() + expiresIn * 1000 - EARLIER_MS; }, () => links.delete(key));
  links.set(key, entry);
  return entry.url;
}

/**
 * The address of a picture for an <img>: an address of another host as it is, a stored file by its link.
 * @param {string | null | undefined} address
 * @param {string} [size]
 */
export function usePicture(address, size = "small") {
  const [shown, setShown] = useState(/** @type {{ of: string, url: string } | null} */ (null));
  const stored = Boolean(address && STORED.test(address));
  useEffect(() => {
    if (!stored || !address) return undefined;
    let wanted = true;
    // A picture that cannot be shown is the letter of the name.
    linkOf(address, size).then((url) => { if (wanted) setShown({ of: address, url }); }, () => undefined);
    return () => { wanted = false; };
  }, [address, size]);
  if (!stored) return address;
  return shown?.of === address ? shown?.url : null;
}
