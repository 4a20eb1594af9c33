// The one way of making elements. Values in a template are text, never markup.
import { h } from "../vendor/preact/preact.mjs";
import htm from "../vendor/htm/htm.mjs";

export { Component, render } from "../vendor/preact/preact.mjs";
export {
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from "../vendor/preact/hooks.mjs";
export const html = htm.bind(h);
