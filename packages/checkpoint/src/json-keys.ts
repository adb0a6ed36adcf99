// Where the keys of a JSON text stand, and which is said twice: what JSON.parse does not tell.

/** A key of the outermost object. */
export interface KeyPlace {
  readonly key: string;
  /** Index of its opening quote. */
  readonly index: number;
}

/** What a scan found. */
export interface KeyScan {
  readonly keys: readonly KeyPlace[];
  /** The first key that its object already has, at whatever depth. */
  readonly duplicate?: KeyPlace;
}

/**
 * Finds the keys of `json`.
 *
 * @param json - A text that JSON.parse takes, with an object outermost.
 */
export function scanKeys(json: string): KeyScan {
  const keys: KeyPlace[] = [];
  /** The keys of each open object; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  /** Where the last string begins and ends. */
  let begin = 0;
  let end = 0;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '"') {
      begin = i;
      i = endOfString(json, i);
      end = i + 1;
    } else if (character === "{") open.push(new Set());
    else if (character === "[") open.push(undefined);
    else if (character === "}" || character === "]") open.pop();
    else if (character === ":") {
      // Outside strings, a colon stands only behind a key.
      const place = { key: JSON.parse(json.slice(begin, end)) as string, index: begin };
      const siblings = open.at(-1)!;
      if (siblings.has(place.key)) return { keys, duplicate: place };
      siblings.add(place.key);
      if (open.length === 1) keys.push(place);
    }
  }
  return { keys };
}

/** The index of the quote that closes the string which opens at `start`. */
function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (json[i] !== '"') i += json[i] === "\\" ? 2 : 1;
  return i;
}
