// Types of the vendored file, for the type check alone.
export * from "socket.io-client";
