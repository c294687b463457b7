// The one door to the view library, so that no other module names the vendored file.
export {
  h, html, render, createContext, useState, useReducer, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useContext, useErrorBoundary,
} from "./vendor/htm-preact.module.js";
