// Reads an e-mail's HTML from the standard input; writes what Gmail, Outlook, Apple Mail and Yahoo
// do not support, or only in part, as {"errors": {feature: [clients]}, "warnings": ...}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const installed = createRequire(pathToFileURL(`${process.argv[2]}/package.json`));
const { caniemail } = await import(pathToFileURL(installed.resolve("caniemail")).href);
const clients = ["gmail.*", "outlook.*", "apple-mail.*", "yahoo.*"];
const { issues } = caniemail({ clients, html: readFileSync(0, "utf8") });
const seen = {};
for (const [kind, byClient] of Object.entries(issues)) {
  seen[kind] = {};
  for (const [client, found] of byClient)
    for (const { title } of found) (seen[kind][title] ??= []).push(client);
}
console.log(JSON.stringify(seen));
