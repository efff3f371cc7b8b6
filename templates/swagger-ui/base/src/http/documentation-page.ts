import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** Where the package keeps the page's script and style: `swagger-ui-bundle.js` and `swagger-ui.css`. */
export const documentationAssets = dirname(
  createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'),
);

/** Everything comes from here. Swagger UI styles its elements as it draws them. */
export const documentationHeaders = {
  'content-security-policy': [
    "default-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

/** What `/docs` shows: the OpenAPI document, with all that the page loads below `/docs/`. */
export const documentationPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>API documentation</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** `/docs/start.js`. The badge of a validator would ask another host. */
export const documentationScript = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
});
`;
