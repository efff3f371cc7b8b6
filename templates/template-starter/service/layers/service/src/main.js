import { createServer } from './server.js';

const { PORT = '3000', HOST = '127.0.0.1' } = process.env;
const server = createServer().listen(Number(PORT), HOST, () => {
  console.log(`Listening at http://${HOST}:${server.address().port}`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close();
    server.closeIdleConnections();
  });
}
