// Ten bars: how probable each digit is.
import { make, percent } from "./elements.ts";

interface Bar {
  readonly row: HTMLElement;
  readonly fill: HTMLElement;
  readonly value: HTMLElement;
}

export class ProbabilityBars {
  readonly #bars: readonly Bar[];

  constructor(list: HTMLElement) {
    this.#bars = Array.from({ length: 10 }, (_, digit) => {
      const row = make("li", "bar");
      const track = make("span", "track");
      const fill = make("span", "fill");
      const value = make("span", "value");
      track.append(fill);
      row.append(make("span", "digit", String(digit)), track, value);
      list.append(row);
      return { row, fill, value };
    });
    this.clear();
  }

  show(probabilities: readonly number[]): void {
    const most = probabilities.indexOf(Math.max(...probabilities));
    this.#bars.forEach(({ row, fill, value }, digit) => {
      const share = probabilities[digit] ?? 0;
      fill.style.inlineSize = percent(share);
      value.textContent = percent(share, 0);
      row.classList.toggle("most", digit === most);
    });
  }

  clear(): void {
    for (const { row, fill, value } of this.#bars) {
      fill.style.inlineSize = "0";
      value.textContent = "";
      row.classList.remove("most");
    }
  }
}
