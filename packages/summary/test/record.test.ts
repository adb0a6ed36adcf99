import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frameRecord } from "../src/index.ts";
import { payloadsOf } from "./read-records.ts";

describe("frameRecord()", () => {
  it("frames any payloads so that a reader of the format finds them again", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (payloads) => {
        const file = Buffer.concat(payloads.map((payload) => frameRecord(payload)));
        expect(payloadsOf(file).map((each) => [...each])).toEqual(payloads.map((p) => [...p]));
      }),
    );
  });
});
