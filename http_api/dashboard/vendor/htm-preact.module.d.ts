// Types of the vendored file, for the type check alone.
import type { VNode } from "preact";

export { render } from "preact";
export * from "preact/hooks";
export function html(strings: TemplateStringsArray, ...values: unknown[]): VNode;
