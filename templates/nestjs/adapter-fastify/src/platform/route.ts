/** A request of Fastify, as far as it tells which route it has found; in middleware it does not. */
export interface RoutedRequest {
  readonly routeOptions?: { readonly url?: string | undefined };
}

/** The route's template; undefined where there is none for the URL. */
export function routeOf({ routeOptions }: RoutedRequest): string | undefined {
  return routeOptions?.url;
}
