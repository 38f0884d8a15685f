/**
 * Where a node of a recording stands: in part number `part` of `inBranches`, or where parts come together (no part).
 * `stage` counts how often they have come together before. What depends on no part has no place.
 */
interface Place {
  part: number | undefined;
  stage: number;
}

/**
 * Finds the place of every node of a recording by its inputs. What has to do with one part alone belongs to that part,
 * also when nobody says so: in a training step first each half's forward pass, then the loss of both, then each half's
 * backward pass, whose ops all read something of that half. So the nodes of one part and stage can be one function:
 * they depend on earlier stages only, and functions never wait for each other in a circle.
 */
export class Places {
  private readonly placeOf = new Map<string, Place>();
  private readonly numbers = new Map<string, number>();

  /** The number of the branch that a node with these inputs ("node:output") belongs to, if it does. */
  branch(inputs: readonly string[], part: number | undefined): number | undefined {
    const place = this.place(inputs, part);
    if (place?.part === undefined) return undefined;
    const name = `${place.stage}, ${place.part}`;
    const number = this.numbers.get(name) ?? this.numbers.size;
    this.numbers.set(name, number);
    return number;
  }

  /** Remembers the place of a node. */
  add(node: string, inputs: readonly string[], part: number | undefined): void {
    const place = this.place(inputs, part);
    if (place !== undefined) this.placeOf.set(node, place);
  }

  private place(inputs: readonly string[], part: number | undefined): Place | undefined {
    const before = inputs.flatMap((input) => this.placeOf.get(input.split(":")[0]) ?? []);
    const parts = new Set(before.flatMap((place) => place.part ?? []));
    if (part !== undefined) parts.add(part);
    if (parts.size === 0 && before.length === 0) return undefined;
    const [only] = parts.size === 1 ? parts : [];
    const stage = (place: Place) => place.stage + (only !== undefined && place.part === undefined ? 1 : 0);
    return { part: only, stage: before.reduce((most, place) => Math.max(most, stage(place)), 0) };
  }
}
