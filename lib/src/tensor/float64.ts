import { type Binding, DTYPE } from "./binding.js";
import { ONE_DNN, oneDnnIsThere } from "./kernels.js";
import { bytes, varint } from "./protobuf.js";
import { constant, encodeSavedModel, type GraphNode, placeholder, withSavedModel } from "./savedModel.js";

/** A value in a graph: "node:0". */
export type Value = string;

/** What a graph is given: numbers of a shape, by rows. */
export interface Given {
  shape: readonly number[];
  values: Float64Array | Float32Array;
}

/** TensorFlow reads float64 where it lies if it begins at a multiple of so many (64 bytes); else it copies it. */
export const ALIGNED = 8;

const FLOAT64 = 2;
/** Attributes of ops, encoded. */
export const int32 = varint(6, DTYPE.int32);
export const flag = (value: boolean) => varint(5, value ? 1 : 0);
export const whole = (value: number) => varint(3, value);

/**
 * A graph on float64, written op by op. TensorFlow computes in it, but TensorFlow.js has no such tensors: so numbers go
 * in and out as pairs of int32, and Bitcast reads them.
 */
export class Float64Graph {
  private readonly nodes: GraphNode[] = [];
  private readonly inputs: string[] = [];

  /** What a call is given next; -1 for a size that may be any. */
  input(shape: readonly number[]): Value {
    const name = `input${this.inputs.length}`;
    this.inputs.push(name);
    this.nodes.push(placeholder(name, [...shape, 2], DTYPE.int32));
    return this.add("Bitcast", [`${name}:0`], { T: int32, type: varint(6, FLOAT64) }, FLOAT64);
  }

  /** The next thing that a call is given, in float32. */
  singles(shape: readonly number[]): Value {
    const name = `input${this.inputs.length}`;
    this.inputs.push(name);
    this.nodes.push(placeholder(name, shape, DTYPE.float32));
    return `${name}:0`;
  }

  /**
   * Two halves, by the first axis, of groups of float32 matrices [groups, matrices, rows, columns]: for each group the
   * sum of A A^T over its matrices, added up in float32, and in float64 from there on. By oneDNN's kernel where it is
   * there.
   */
  squareSumsOfHalves(value: Value): [Value, Value] {
    const single = varint(6, DTYPE.float32);
    const split = this.add("Split", [this.axis(0), value], { T: single, num_split: whole(2) }, DTYPE.float32);
    const { name, value: label } = ONE_DNN;
    const [op, own] = oneDnnIsThere() ? ["_MklBatchMatMulV2", { [name]: bytes(2, label) }] : ["BatchMatMulV2", {}];
    const attributes = { T: single, adj_x: flag(false), adj_y: flag(true), ...own };
    const along = { T: single, Tidx: int32, keep_dims: flag(false) };
    return [split, split.replace(":0", ":1")].map((half) => {
      const squares = this.add(op, [half, half], attributes, DTYPE.float32);
      const sums = this.add("Sum", [squares, this.axis(1)], along, DTYPE.float32);
      return this.add("Cast", [sums], { SrcT: single, DstT: varint(6, FLOAT64) }, FLOAT64);
    }) as [Value, Value];
  }

  /** An axis. */
  axis(value: number): Value {
    return this.constant([], DTYPE.int32, Int32Array.of(value));
  }

  number(value: number): Value {
    return this.constant([], FLOAT64, Float64Array.of(value));
  }

  /** Sizes, places and axes, a list of them. */
  integers(...values: number[]): Value {
    return this.constant([values.length], DTYPE.int32, Int32Array.from(values));
  }

  /** A TensorFlow op on float64, with one output of it. */
  op(op: string, inputs: readonly Value[], attributes: Record<string, Uint8Array> = {}): Value {
    return this.add(op, inputs, { T: varint(6, FLOAT64), ...attributes }, FLOAT64);
  }

  /** Loads the graph, asked for these values. */
  load(binding: Binding, outputs: readonly Value[]): LoadedGraph {
    const asked = outputs.map((value) =>
      this.add("Bitcast", [value], { T: varint(6, FLOAT64), type: int32 }, DTYPE.int32).replace(":0", ""),
    );
    const model = encodeSavedModel(this.nodes);
    const session = withSavedModel(model, (folder) => binding.loadSavedModel(folder, "serve"));
    return new LoadedGraph(session, this.inputs.join(","), asked.join(","));
  }

  private constant(shape: readonly number[], dtype: number, values: Float64Array | Int32Array): Value {
    const node = constant(`n${this.nodes.length}`, shape, dtype, values);
    this.nodes.push(node);
    return `${node.name}:0`;
  }

  private add(op: string, inputs: readonly Value[], attributes: Record<string, Uint8Array>, type: number): Value {
    const name = `n${this.nodes.length}`;
    this.nodes.push({ name, op, inputs: [...inputs], attributes: new Map(Object.entries(attributes)), types: [type] });
    return `${name}:0`;
  }
}

export class LoadedGraph {
  constructor(
    private readonly session: number,
    private readonly inputs: string,
    private readonly outputs: string,
  ) {}

  /** The values asked for. Leaves no tensor behind. @throws Error as TensorFlow words it */
  run(binding: Binding, given: readonly Given[]): Float64Array[] {
    const ids: number[] = [];
    try {
      for (const { shape, values } of given) {
        if (values instanceof Float32Array) ids.push(binding.createTensor([...shape], DTYPE.float32, values));
        else {
          const pairs = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
          ids.push(binding.createTensor([...shape, 2], DTYPE.int32, pairs));
        }
      }
      const handles = binding.runSavedModel(this.session, ids, this.inputs, this.outputs);
      for (const { id } of handles) ids.push(id);
      return handles.map(({ id }) => {
        const { buffer, byteOffset, byteLength } = binding.tensorDataSync(id);
        return new Float64Array(buffer, byteOffset, byteLength / 8);
      });
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  }

  close(binding: Binding): void {
    binding.deleteSavedModel(this.session);
  }
}

/** How many graphs stay loaded. */
const KEPT = 16;
const kept = new Map<string, LoadedGraph>();

/** The graph of that name, made where it is not there; the one that was asked for longest ago is closed for it. */
export function keptGraph(binding: Binding, name: string, make: () => LoadedGraph): LoadedGraph {
  const graph = kept.get(name) ?? make();
  kept.delete(name);
  kept.set(name, graph);
  if (kept.size > KEPT) {
    const [oldest, old] = kept.entries().next().value as [string, LoadedGraph];
    kept.delete(oldest);
    old.close(binding);
  }
  return graph;
}
