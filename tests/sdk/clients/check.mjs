// The case runner of the Node clients.
import assert from "node:assert/strict";

export { assert };
export const base = process.env.KT_BASE;

export async function run(cases) {
  for (const [name, body] of Object.entries(cases)) {
    try {
      await body();
      console.log(`ok ${name}`);
    } catch (error) {
      console.log(`not ok ${name}: ${error.name}: ${String(error.message).replaceAll("\n", " | ")}`);
    }
  }
}
