#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 20 || (major === 20 && minor >= 19)) require('../dist/main.js');
else {
  console.error(`create-ai-backend needs Node.js 20.19 or newer; this is ${process.version}.`);
  process.exitCode = 1;
}
