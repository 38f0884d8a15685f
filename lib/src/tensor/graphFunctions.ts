import { bytes, message, varint } from "./protobuf.js";
import { encodeAttributes, type GraphNode, GUARD } from "./savedModel.js";

/**
 * What the outputs of an op are called (tensorflow/core/ops/*.cc): inside a function an input is "node:output
 * name:index", where in a graph "node:index" is enough. A branch that uses an op that is not here is left in the graph.
 */
const OUTPUT = new Map(
  Object.entries({
    output:
      "All Any ArgMax ArgMin BatchMatMulV2 _MklBatchMatMulV2 BiasAdd ClipByValue ConcatV2 Const Einsum ExpandDims Fill GatherNd GatherV2 Identity Max Mean Min MirrorPad OneHot Pack PadV2 Prod Range Reshape ReverseV2 ScatterNd Select SelectV2 Slice SplitV StridedSlice Sum TensorScatterUpdate Tile Unpack UnsortedSegmentSum UpperBound",
    y: "Abs Acos Asin Atan Cast Ceil Cos Cosh Erf Exp Expm1 Floor IsFinite IsInf IsNan Log Log1p LogicalNot Neg OnesLike Reciprocal Round Rsqrt Sigmoid Sign Sin Sinh Sqrt Square Tan Tanh Transpose _MklTranspose ZerosLike",
    z: "Add Atan2 Div DivNoNan Equal FloorDiv FloorMod Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr Maximum Minimum Mod Mul NotEqual Pow RealDiv SigmoidGrad SquaredDifference Sub",
    product: "MatMul _MklMatMul",
    softmax: "Softmax _MklSoftmax",
    activations: "Elu LeakyRelu Relu Relu6 Selu Softplus",
    out: "Cumprod Cumsum",
    sum: "AddN",
  }).flatMap(([output, ops]) => ops.split(" ").map((op): [string, string] => [op, output])),
);

/** Ops with several outputs of different names. */
const OUTPUTS = new Map([
  ["SparseSoftmaxCrossEntropyWithLogits", ["loss", "backprop"]],
  ["TopKV2", ["values", "indices"]],
]);

/**
 * A ConfigProto that tells TensorFlow's optimiser to leave the body as it is, but for putting a product and
 * the bias that is added to it into one op, which keeps the bits: graph_options.rewrite_options
 * (tensorflow/core/protobuf/rewriter_config.proto) with every pass named OFF, except for memory
 * (NO_MEM_OPT) and remapping (ON).
 */
const PASSES = {
  layout: 1,
  constantFolding: 3,
  arithmetic: 7,
  dependency: 8,
  loop: 9,
  function: 10,
  debugStripper: 11,
  shape: 13,
  scopedAllocator: 15,
  implementationSelector: 22,
  commonSubgraphs: 24,
};
const [ON, OFF] = [1, 2];
const ALMOST_UNCHANGED = message(
  10,
  message(10, ...Object.values(PASSES).map((field) => varint(field, OFF)), varint(4, 1), varint(14, ON)),
);

/**
 * Makes a function of every branch of a recording, and replaces its nodes by one that calls it. The executor of a
 * call is the single-threaded one; the graph's own runs the calls side by side.
 */
export function branchFunctions(nodes: readonly GraphNode[]): { nodes: GraphNode[]; functions: Uint8Array[] } {
  const branches = new Set(nodes.flatMap(({ branch }) => (branch === undefined ? [] : [branch])));
  const functions: Uint8Array[] = [];
  let graph = [...nodes];
  for (const branch of branches) {
    const members = graph.filter((node) => node.branch === branch);
    if (members.some(({ op }) => op !== GUARD && !OUTPUT.has(op) && !OUTPUTS.has(op))) continue;
    const made = branchFunction(`branch${branch}`, members, graph);
    functions.push(made.definition);
    graph = made.graph;
  }
  return { nodes: graph, functions };
}

/** One branch as a function, and the graph with the call in its place. */
function branchFunction(
  name: string,
  members: readonly GraphNode[],
  graph: readonly GraphNode[],
): { definition: Uint8Array; graph: GraphNode[] } {
  const all = new Map(graph.map((node) => [node.name, node]));
  const own = new Set(members.map((node) => node.name));
  const nodeOf = (output: string) => all.get(output.split(":")[0]) as GraphNode;
  const typeOf = (output: string) => nodeOf(output).types[Number(output.split(":")[1])];
  const inside = (output: string) => own.has(output.split(":")[0]);
  const isConstant = (output: string) => nodeOf(output).op === "Const";
  // No optimiser, so no guards against it.
  const unguarded = (output: string): string => {
    const { op, inputs } = nodeOf(output);
    return op === GUARD && (inside(output) || isConstant(inputs[0])) ? unguarded(inputs[0]) : output;
  };

  const read = (list: readonly GraphNode[]) => list.flatMap(({ inputs }) => inputs);
  const ops = members.filter(({ op }) => op !== GUARD);
  const sources = [...new Set(read(ops).map(unguarded))];
  // Constants belong to nobody; a function has its own copies.
  const body = [...sources.filter(isConstant).map(nodeOf), ...ops];
  const given = sources.filter((output) => !inside(output) && !isConstant(output));
  const others = graph.filter((node) => !own.has(node.name));
  const asked = [...new Set(read(others).filter(inside))];

  const within = (output: string): string => {
    const source = unguarded(output);
    if (given.includes(source)) return `given${given.indexOf(source)}`;
    const [node, index] = source.split(":");
    const { op } = nodeOf(source);
    const names = OUTPUTS.get(op);
    return names === undefined ? `${node}:${OUTPUT.get(op)}:${index}` : `${node}:${names[Number(index)]}:0`;
  };
  const argument = (field: number, label: string, output: string) =>
    message(field, bytes(1, label), varint(3, typeOf(output)));
  const definition = message(
    1,
    message(
      1, // the signature
      bytes(1, name),
      ...given.map((output, i) => argument(2, `given${i}`, output)),
      ...asked.map((output, i) => argument(3, `asked${i}`, output)),
    ),
    // Neither put into the graph again nor rewritten with it; the call's own config decides.
    ...["_noinline", "_tf_data_function"].map((flag) => message(5, bytes(1, flag), bytes(2, varint(5, 1)))),
    ...body.map(({ name, op, inputs, attributes }) =>
      message(
        3,
        bytes(1, name),
        bytes(2, op),
        ...inputs.map((input) => bytes(3, within(input))),
        ...encodeAttributes(attributes),
      ),
    ),
    ...asked.map((output, i) => message(4, bytes(1, `asked${i}`), bytes(2, within(output)))),
  );
  const types = (outputs: readonly string[]) => message(1, ...outputs.map((output) => varint(6, typeOf(output))));
  const call: GraphNode = {
    name,
    op: "PartitionedCall",
    inputs: given,
    types: asked.map(typeOf),
    attributes: new Map([
      ["Tin", types(given)],
      ["Tout", types(asked)],
      ["f", message(10, bytes(1, name))],
      ["config_proto", bytes(2, ALMOST_UNCHANGED)],
      ["executor_type", bytes(2, "SINGLE_THREADED_EXECUTOR")],
    ]),
  };
  const called = (output: string) => (inside(output) ? `${name}:${asked.indexOf(output)}` : output);
  return { definition, graph: [...others.map((node) => ({ ...node, inputs: node.inputs.map(called) })), call] };
}
