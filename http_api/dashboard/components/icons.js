// Line icons on a 24-unit grid, drawn for this page.
import { html } from "../lib/view.js";

/** @type {Record<string, string>} */
export const PATHS = {
  bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15zM10 21h4M12 3v2",
  soundOn: "M4 9.5h3.5L12 5v14l-4.5-4.5H4zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  soundOff: "M4 9.5h3.5L12 5v14l-4.5-4.5H4zM16 9.5l5 5M21 9.5l-5 5",
  contract: "M6 3h9l4 4v14H6zM14.5 3v4.5H19M9 12h6M9 8.5h2M9 16c1.2-1.6 2.2-1.6 2.6 0s1.6 1.4 3.4-.6",
  template: "M4 5h16v11H10l-5 4v-4H4zM8 9h3M14 9h2M8 12h2M13 12h3",
  customer: "M3.5 11 12 4l8.5 7M6 9.5V20h12V9.5M12 17.5c-2.2-1.5-3-2.5-3-3.7a1.6 1.6 0 0 1 3-.7 1.6 1.6 0 0 1 3 .7c0 1.2-.8 2.2-3 3.7Z",
  shield: "M12 3l7 3v5c0 4.5-3 8-7 10-4-2-7-5.5-7-10V6zM9 12l2.2 2.2L15.5 10",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c.4-3.6 3-5.5 6.5-5.5s6.1 1.9 6.5 5.5M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.8c2 .7 3.2 2.5 3.5 5.2",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20 20l-4-4",
  menu: "M4 6h16M4 12h16M4 18h16",
  close: "M6 6l12 12M18 6 6 18",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z",
  language: "M3 5h10M8 3v2M5 5c1 4 3.5 6.5 7 8M11 5c-1 4-3.5 7-7.5 9M12.5 20 17 10l4.5 10M14 17h6",
  down: "M6 9l6 6 6-6",
  up: "M6 15l6-6 6 6",
  left: "M15 6l-6 6 6 6",
  right: "M9 6l6 6-6 6",
  sort: "M8 9l4-4 4 4M8 15l4 4 4-4",
  filter: "M4 5h16l-6 8v6l-4-2v-4z",
  download: "M12 4v11M7 10.5l5 5 5-5M4 20h16",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  edit: "M4 20h4L19.5 8.5l-4-4L4 16zM13.5 6.5l4 4",
  block: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM5.7 5.7l12.6 12.6",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v5M16 3v5",
  check: "M5 12.5l5 5L19.5 7",
  alert: "M12 4 2.5 20h19zM12 10v4.5M12 17.3h.01",
  empty: "M4 13l2.5-8h11L20 13v6H4zM4 13h5l1.5 2.5h3L15 13h5",
  table: "M4 5h16v14H4zM4 10h16M10 10v9",
  chart: "M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6",
  logout: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
  refresh: "M20 11a8 8 0 0 0-14.5-3.5L4 9M4 4.5V9h4.5M4 13a8 8 0 0 0 14.5 3.5L20 15M20 19.5V15h-4.5",
  phone: "M7 3h10v18H7zM11 18h2",
  desktop: "M3 4.5h18v12H3zM9 20.5h6M12 16.5v4",
  unlink: "M9.5 14.5l5-5M8 11l-2.5 2.5a3.5 3.5 0 0 0 5 5L13 16M16 13l2.5-2.5a3.5 3.5 0 0 0-5-5L11 8",
  merge: "M6 4v3c0 3 6 3 6 7v6M18 4v3c0 3-6 3-6 7M9 17l3 3 3-3",
  trash: "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13",
  power: "M12 3v9M6.5 6.5a8 8 0 1 0 11 0",
  board: "M4 5h4.5v14H4zM9.8 5h4.5v9H9.8zM15.6 5h4.4v12h-4.4z",
  plus: "M12 5v14M5 12h14",
  copy: "M8 8h11v12H8zM5 16H4V4h11v1",
  open: "M10 5H5v14h14v-5M13 5h6v6M19 5l-8 8",
  send: "M4 12 20 4l-5 16-3.5-6.5zM11.5 13.5 20 4",
  swap: "M4 8h14l-4-4M20 16H6l4 4",
  renew: "M12 7v5l3.5 2M20 12a8 8 0 1 1-2.4-5.7M20 3.5V7h-3.5",
  undo: "M9 7 4 12l5 5M4 12h11a4 4 0 0 1 0 8h-4",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6",
  fold: "M9 6l6 6-6 6M19 5v14",
  mic: "M12 15a3.5 3.5 0 0 0 3.5-3.5v-5a3.5 3.5 0 0 0-7 0v5A3.5 3.5 0 0 0 12 15ZM5 11.5a7 7 0 0 0 14 0M12 18.5V22",
  micOff: "M15.5 11.5v-5a3.5 3.5 0 0 0-6.8-1.2M8.5 9v2.5a3.5 3.5 0 0 0 5 3.2M5 11.5a7 7 0 0 0 10.8 5.9M19 11.5a7 7 0 0 1-.6 2.8M12 18.5V22M4 3l16 18",
  camera: "M3 6h12v12H3zM15 10.5l6-3.5v10l-6-3.5z",
  cameraOff: "M8 6h7v7M15 15v3H3V6h2M15 10.5l6-3.5v10l-3-1.8M3 3l18 18",
  hand: "M7 12V6a1.5 1.5 0 0 1 3 0v5M10 10.5V4.5a1.5 1.5 0 0 1 3 0V11M13 10.5V5.5a1.5 1.5 0 0 1 3 0V12M16 11V8a1.5 1.5 0 0 1 3 0v6a7 7 0 0 1-7 7c-3 0-4.7-1.6-6-4l-2-4a1.5 1.5 0 0 1 2.6-1.5L7 13",
  chat: "M4 5h16v11H10l-5 4v-4H4zM8 9h8M8 12h5",
  prompter: "M4 4h16v12H4zM8 8h8M8 11.5h6M12 16v4M8 20h8",
  settings: "M4 7h9M17 7h3M15 5v4M4 12h3M11 12h9M9 10v4M4 17h9M17 17h3M15 15v4",
  hangUp: "M3 13c5-5 13-5 18 0l-2.5 3-4-1.5v-2.6a9 9 0 0 0-5 0v2.6L5.5 16z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
};

/**
 * @param {{ name?: string, path?: string, size?: number }} props `path`: of an icon that is not in the list
 */
export function Icon({ name = "", path = PATHS[name], size = 18 }) {
  return html`<svg class="icon" width=${size} height=${size} viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg>`;
}

/** @param {{ size?: number }} props */
export function Brand({ size = 32 }) {
  return html`<svg class="brand-mark" width=${size} height=${size} viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="8" /><path class="roof" d="M7 15.5 16 8l9 7.5M10 14v10h12V14" />
    <path class="pulse" d="M12.5 19.5h2l1.5-3 1.7 5 1.3-2h1" /></svg>`;
}
