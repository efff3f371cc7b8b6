/** A request of Express, as far as it tells which route it has found. */
export interface RoutedRequest {
  readonly route?: { readonly path: string | readonly string[] };
}

/** The route's template; undefined where there is none for the URL. */
export function routeOf({ route }: RoutedRequest): string | undefined {
  return [route?.path].flat()[0];
}
