import { hessian, hvp, jacobian, jvp, vhp, vjp } from "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { ones, setDefaultDevice, type Tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { expectResult, input } from "./functional-fixture.ts";

setDefaultDevice(cpu());

const product = (a: Tensor, b: Tensor): Tensor => a.matmul(b).tanh();
const pair = (a: Tensor): Tensor[] => [a.exp(), a.mul(a).sum(0)];
const energy = (a: Tensor): Tensor => a.sin().mul(a.pow(3)).sum();
const energyOfTwo = (a: Tensor, b: Tensor): Tensor => a.unsqueeze(1).mul(b).exp().sum();

describe("whole derivatives are PyTorch's", () => {
  const [a, b, c, d] = [input("a"), input("b"), input("c"), input("d")];
  const [v, w, u] = [input("v"), input("w"), input("u")];
  const [cReversed, dReversed] = [c.flip([0]), d.flip([0])];

  test("jacobian() nests outputs, then inputs", () => {
    expectResult("jacobian product", jacobian(product, [a, b]));
    expectResult("jacobian pair", jacobian(pair, a));
  });
  test("jacobian() of a constant is zeros", () => {
    expectResult(
      "jacobian constant",
      jacobian(() => ones([2], { dtype: "float64" }), a),
    );
  });
  test("vjp() weighs the outputs", () => {
    expectResult("vjp product", vjp(product, [a, b], v));
    expectResult("vjp pair", vjp(pair, a, [w, c]));
  });
  test("jvp() follows a direction", () => {
    expectResult("jvp product", jvp(product, [a, b], [w, u]));
    expectResult("jvp pair", jvp(pair, a, w));
  });
  test("hessian() of one input and of two", () => {
    expectResult("hessian energy", hessian(energy, c));
    expectResult("hessian energyOfTwo", hessian(energyOfTwo, [c, d]));
  });
  test("hvp() and vhp() are products with the Hessian", () => {
    expectResult("hvp energy", hvp(energy, c, cReversed));
    expectResult("vhp energy", vhp(energy, c, cReversed));
    expectResult("hvp energyOfTwo", hvp(energyOfTwo, [c, d], [cReversed, dReversed]));
    expectResult("vhp energyOfTwo", vhp(energyOfTwo, [c, d], [cReversed, dReversed]));
  });
  test("createGraph differentiates a jacobian with respect to the caller's leaf", () => {
    const x = c.detach().requiresGrad_();
    jacobian((t) => t.pow(2), x, { createGraph: true })
      .sum()
      .backward();
    expect(x.grad?.tolistSync()).toEqual([2, 2, 2]);
  });
  test("results are cut off from the graph unless createGraph is set", () => {
    const x = c.detach().requiresGrad_();
    expect(jacobian((t) => t.pow(2), x).requiresGrad).toBe(false);
    expect(vjp(energy, x)[1].requiresGrad).toBe(false);
  });
});

describe("refusals", () => {
  const c = input("c");
  test("strict mode refuses what does not depend on the inputs", () => {
    const constant = (): Tensor => ones([2], { dtype: "float64" });
    expect(() => jacobian(constant, c, { strict: true })).toThrow(
      "jacobian: An output does not depend on the inputs: expected all to in strict mode",
    );
    expect(() => jacobian((x) => x, [c, c] as never, { strict: true })).toThrow(
      "jacobian: Input 1 does not matter: expected every output to depend on it in strict mode",
    );
  });
  test("a vector must fit", () => {
    expect(() => vjp(pair, c, [c, ones([2])])).toThrow(
      "vjp: Vector 1 does not fit: expected shape [], received [2]",
    );
    expect(() => vjp(pair, c)).toThrow(
      "vjp: Vector is missing: expected v unless the function gives one element",
    );
  });
  test("a Hessian is of one element", () => {
    expect(() => hessian((x) => x, c)).toThrow(
      "hessian: Function gives several elements: expected one, received shape [3]",
    );
  });
});
