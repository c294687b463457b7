// The one door to the view library, so that no other module names the vendored file.
export {
  html, render, useState, useEffect, useRef, useMemo, useCallback, useErrorBoundary,
} from "../vendor/htm-preact.module.js";
