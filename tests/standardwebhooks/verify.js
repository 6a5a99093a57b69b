// Reads one case a line from stdin, {key, body (base64), headers}, and answers one line each:
// "accepted", or why not. The package verifies; nothing here does.
const readline = require("node:readline");
const { Webhook } = require("standardwebhooks");

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { key, body, headers } = JSON.parse(line);
  try {
    new Webhook(key).verify(Buffer.from(body, "base64"), headers);
    console.log("accepted");
  } catch (error) {
    console.log(error.message);
  }
});
