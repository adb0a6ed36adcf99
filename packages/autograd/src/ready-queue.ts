// The nodes that may run, the latest made on top: a binary heap by sequence number.
import type { Node } from "./node.ts";

export class ReadyQueue {
  readonly #heap: Node[] = [];

  push(node: Node): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(node);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Node;
      if (above.sequence >= node.sequence) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = node;
  }

  pop(): Node | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    const { length } = heap;
    if (last === undefined || length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && (heap[child + 1] as Node).sequence > (heap[child] as Node).sequence)
        child++;
      const below = heap[child] as Node;
      if (below.sequence <= last.sequence) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}
