// Paging of lists. Pure functions.

export const PAGE_SIZES = [20, 50, 100];
export const TOO_DEEP = "PAGE_TOO_DEEP"; // the server's code

/**
 * The page that the address names; the first one when it names none.
 * @param {{ page?: string }} query
 */
export const pageOf = ({ page }) => (/^[1-9]\d{0,8}$/.test(page ?? "") ? Number(page) : 1);

/**
 * The page size that the address names; the smallest one when it names none.
 * @param {{ pageSize?: string }} query
 */
export const pageSizeOf = ({ pageSize }) => PAGE_SIZES.find((size) => String(size) === pageSize) ?? PAGE_SIZES[0];

/**
 * True if `page` lies behind the last one: rows were removed meanwhile, or a link was mistyped.
 * @param {{ data: { total: number } | null, error: { code: string } | null, stale: boolean }} resource
 * @param {number} page
 * @param {unknown[] | undefined} rows
 */
export function isPastTheEnd({ data, error, stale }, page, rows) {
  return page > 1 && (data ? data.total > 0 && rows?.length === 0 && !stale : error?.code === TOO_DEEP);
}

/**
 * 1 … 4 5 6 … 20, with null for a gap.
 * @param {number} page
 * @param {number} last
 * @returns {(number | null)[]}
 */
export function pageWindow(page, last) {
  const wanted = new Set([1, last, page - 1, page, page + 1]);
  if (page <= 3) [2, 3, 4].forEach((each) => wanted.add(each));
  if (page >= last - 2) [last - 1, last - 2, last - 3].forEach((each) => wanted.add(each));
  const pages = [...wanted].filter((each) => each >= 1 && each <= last).sort((a, b) => a - b);
  return pages.flatMap((each, index) => (index && each - pages[index - 1] > 1 ? [null, each] : [each]));
}
