// What is used here of undici. Its index loads fetch, WebSockets and caches too, which took as long again.

declare module 'undici/lib/dispatcher/agent.js' {
  export { Agent as default } from 'undici';
}

declare module 'undici/lib/core/errors.js' {
  import { errors } from 'undici';

  export import ConnectTimeoutError = errors.ConnectTimeoutError;
  export import RequestAbortedError = errors.RequestAbortedError;
}
