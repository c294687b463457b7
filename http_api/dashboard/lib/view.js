// The only import of the view library: no other module names the vendored file.
export {
  html, render, useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useErrorBoundary,
} from "../vendor/htm-preact.module.js";

/** @typedef {(props: any) => unknown} Component */
/** @typedef {unknown} Content what a component can show: text, elements, or nothing */
