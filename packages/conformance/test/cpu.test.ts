// The kit on the CPU: every op, every check.
import { cpu } from "@tead/backend-cpu";
import { test } from "vitest";
import { testBackend } from "../src/index.ts";

testBackend({ create: cpu, test: (name, body) => test(`cpu, ${name}`, body, 60_000) });
