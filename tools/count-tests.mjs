// `node tools/count-tests.mjs <report.json>`: "N passed, N failed" from the report of vitest's JSON reporter. A test
// file that could not even be loaded counts as one failure; no report at all counts as one.
import { readFileSync } from "node:fs";

/** The line for a parsed report. */
export function countTests(report) {
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !hasFailure(assertionResults),
  );
  const failed = report.numFailedTests + brokenFiles.length;
  const skipped = report.numPendingTests + (report.numTodoTests ?? 0);
  const more = skipped > 0 ? `, ${skipped} skipped` : "";
  return `${report.numPassedTests} passed, ${failed} failed${more}`;
}

const hasFailure = (results) => results.some(({ status }) => status === "failed");

if (process.argv[2] !== undefined) {
  try {
    console.log(countTests(JSON.parse(readFileSync(process.argv[2], "utf8"))));
  } catch (error) {
    console.log(`0 passed, 1 failed: ${error.message}`);
  }
}
