const loading = [
  // Elements that a browser loads by itself; a link that a reader may follow is not one of them.
  /<(?:script|img|iframe|source|embed|audio|video)\b[^>]*?\bsrc\s*=\s*["']?([^"'\s>]+)/giu,
  /<link\b[^>]*?\bhref\s*=\s*["']?([^"'\s>]+)/giu,
  /<base\b[^>]*?\bhref\s*=\s*["']?([^"'\s>]+)/giu,
  /\burl\(\s*["']?([^"')\s]+)/giu,
  /@import\s+["']([^"']+)/giu,
];

function addresses(text: string): string[] {
  return loading
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .map(([, address = '']) => address)
    .filter((address) => !/^(?:data:|#|about:)/iu.test(address));
}

/** What a page or a style sheet loads from another host. */
export function externalAddresses(text: string): string[] {
  return addresses(text).filter((address) => /^(?:[a-z][a-z0-9+.-]*:)?\/\//iu.test(address));
}

/** What a page or a style sheet loads from its own host, as paths. */
export function linkedAddresses(text: string, from: string): string[] {
  return addresses(text)
    .filter((address) => !/^(?:[a-z][a-z0-9+.-]*:)?\/\//iu.test(address))
    .map((address) => {
      const { pathname, search } = new URL(address, `http://docs.invalid${from}`);
      return pathname + search;
    });
}
