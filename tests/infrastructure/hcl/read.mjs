// Prints each Terraform file as the formatter under `terraform fmt` writes it, and its content as JSON.
// Both packages are HashiCorp's own HCL in WebAssembly.
import { readFile } from "node:fs/promises";
import { format } from "@cdktn/hcl-tools";
import { parse } from "@cdktn/hcl2json";

// An object inside jsonencode(…) is one expression to the parser; here it is looked into.
async function decoded(value) {
  if (typeof value === "string") {
    const inner = value.match(/^\$\{jsonencode\((\{.*\})\)\}$/s);
    return inner ? (await parse("x.tf", `x = ${inner[1]}\n`)).x : value;
  }
  if (Array.isArray(value)) return Promise.all(value.map(decoded));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(async ([key, inner]) => [key, await decoded(inner)]);
  return Object.fromEntries(await Promise.all(entries));
}

const files = {};
for (const path of process.argv.slice(2)) {
  const text = await readFile(path, "utf8");
  files[path] = { formatted: await format(text), content: await decoded(await parse(path, text)) };
}
process.stdout.write(JSON.stringify(files), () => process.exit(0));
