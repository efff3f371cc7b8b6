// What is used of rate-limiter-flexible. Its index loads what speaks to each of the stores that it knows.

declare module 'rate-limiter-flexible/lib/RateLimiterMemory.js' {
  export { RateLimiterMemory as default } from 'rate-limiter-flexible';
}
